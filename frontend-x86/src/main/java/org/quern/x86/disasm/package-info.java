/**
 * Listings of guest code: {@code TableDisassembler} from our own instruction table, always there;
 * {@code Capstone} where the host has the library, for people who trust a second opinion more. Only
 * this package knows Capstone. Start with {@code Disassembler}.
 */
package org.quern.x86.disasm;
