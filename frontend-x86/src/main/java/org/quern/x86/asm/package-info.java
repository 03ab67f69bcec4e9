/**
 * An assembler for guest code in tests, the conformance suite, the embedded demo and firmware
 * stubs: Intel-syntax text to bytes, by the same table that decodes them.
 *
 * <pre>{@code
 * byte[] code = Assembler.assemble("""
 *     .code16
 *         mov ax, 0x1234
 *         jmp 0x08:entry
 *     .code32
 *     entry:
 *         lea eax, [eax+ecx*8+table]
 *         rep movsd
 *         hlt
 *     align 4
 *     table: dd 1, 2, entry
 *     times 4 db 0
 *     """, 16, 0x7c00).bytes();
 * }</pre>
 *
 * <p>Start with {@code Assembler}. What {@code TableDisassembler} prints is accepted.
 */
package org.quern.x86.asm;
