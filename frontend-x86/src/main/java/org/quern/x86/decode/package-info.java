/**
 * From bytes to {@link org.quern.x86.decode.Insn} and back: the instruction table, the decoder and
 * the encoder that walk it. Never executes anything, never throws on guest bytes. Start with {@code
 * Decoder}; the rows are in {@code RowsOneByte}, {@code Rows0f}, {@code Rows0f3}, {@code RowsX87}
 * and {@code RowsVex}, their notation in {@code RowParser} and {@code OperandSpec}.
 *
 * <p>What operands look like: those that the assembler text has, in its order, implied ones left
 * out. String instructions have none (segment, address size, operand size and repeat prefix say
 * all). Shifts by one have an immediate of 1, shifts by CL the register. x87: {@code fadd st(0),
 * st(i)} has two operands, {@code fcom st(i)} and {@code fxch st(i)} one, memory forms one.
 *
 * <p>To add an instruction: a {@code Mnemonic}, a row, its flags in {@code MnemonicTraits} if it
 * has any. Disassembler, assembler and their round-trip test follow by themselves.
 */
package org.quern.x86.decode;
