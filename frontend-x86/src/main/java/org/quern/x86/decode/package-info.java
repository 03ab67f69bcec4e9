/**
 * From bytes to {@link org.quern.x86.decode.Insn}: the instruction table and the decoder that walks
 * it. Never executes anything, never throws on guest bytes. Start with {@code Decoder}.
 */
package org.quern.x86.decode;
