package org.quern.translator;

import static org.quern.x86.decode.Mnemonic.*;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.decode.Operand.Kind;

/**
 * Which SSE and SSE2 instructions have bytecode of their own: for each mnemonic its {@link Shape},
 * which {@link SseEmitter} and its helpers know how to emit, and the semantic method for the
 * values. Forms with MMX registers are not among them.
 */
final class SseForms {
  /** How an instruction gets from operands to result. */
  enum Shape {
    // Moves
    MOVE_ALIGNED,
    MOVE_UNALIGNED,
    MOVE_LOW,
    MOVE_SINGLE,
    MOVE_DOUBLE,
    MOVE_LOW_HALF,
    MOVE_HIGH_HALF,
    MOVE_HIGH_TO_LOW,
    MOVE_LOW_TO_HIGH,

    // Integers: methods of Packed or PackedShuffle
    /** Each half by itself: {@code f(destination, source)}. */
    LANES,
    /** Each half by itself: {@code f(destination, count)}. */
    SHIFT,
    /** Both registers' lower halves interleaved. */
    UNPACK_LOW,
    UNPACK_HIGH,
    /** Two halves of a register to one. */
    PACK,
    UNPACK_LOW_HALVES,
    UNPACK_HIGH_HALVES,
    SHIFT_BYTES_LEFT,
    SHIFT_BYTES_RIGHT,
    SHUFFLE_DWORDS,
    SHUFFLE_LOW_WORDS,
    SHUFFLE_HIGH_WORDS,
    SHUFFLE_SINGLES,
    SHUFFLE_DOUBLES,
    EXTRACT_WORD,
    INSERT_WORD,
    /** Sign bits to a general register. */
    SIGN_BYTES,
    SIGN_SINGLES,
    SIGN_DOUBLES,

    // Floating point: methods of SseArithmetic
    ARITHMETIC64,
    ARITHMETIC32,
    ARITHMETIC_PACKED,

    // Floating point: methods of SseMath and SsePair, exceptions at the end
    CHOICE64,
    CHOICE32,
    CHOICE_PACKED,
    COMPARE64,
    COMPARE32,
    COMPARE_PACKED,
    FLAGS64,
    FLAGS32,
    FROM_INTEGER64,
    FROM_INTEGER32,
    TO_INTEGER64,
    TO_INTEGER32,
    WIDEN,
    NARROW,
    /** Two 32-bit values to two of 64 bits. */
    WIDEN_PAIR,
    /** Each half to a half. */
    CONVERT_HALVES,
    /** Two halves to the lower one. */
    CONVERT_TO_HALF
  }

  /**
   * @param method name of the semantic method; means nothing for shapes with a fixed one
   */
  record Form(Shape shape, String method) {}

  private static final Map<Mnemonic, Form> FORMS = new EnumMap<>(Mnemonic.class);

  private SseForms() {}

  static {
    moves();
    integers();
    floats();
    conversions();
  }

  private static void moves() {
    all(Shape.MOVE_ALIGNED, "", MOVDQA, MOVAPS, MOVAPD, MOVNTDQ, MOVNTPS, MOVNTPD);
    all(Shape.MOVE_UNALIGNED, "", MOVDQU, MOVUPS, MOVUPD);
    all(Shape.MOVE_LOW, "", MOVD, MOVQ);
    all(Shape.MOVE_SINGLE, "", MOVSS);
    all(Shape.MOVE_DOUBLE, "", MOVSD);
    all(Shape.MOVE_LOW_HALF, "", MOVLPS, MOVLPD);
    all(Shape.MOVE_HIGH_HALF, "", MOVHPS, MOVHPD);
    all(Shape.MOVE_HIGH_TO_LOW, "", MOVHLPS);
    all(Shape.MOVE_LOW_TO_HIGH, "", MOVLHPS);
  }

  private static void integers() {
    all(Shape.LANES, "xor", PXOR, XORPS, XORPD);
    all(Shape.LANES, "and", PAND, ANDPS, ANDPD);
    all(Shape.LANES, "andn", PANDN, ANDNPS, ANDNPD);
    all(Shape.LANES, "or", POR, ORPS, ORPD);
    named(Shape.LANES, PADDB, PADDW, PADDD, PADDQ, PSUBB, PSUBW, PSUBD, PSUBQ);
    named(Shape.LANES, PADDSB, PADDSW, PADDUSB, PADDUSW, PSUBSB, PSUBSW, PSUBUSB, PSUBUSW);
    named(Shape.LANES, PCMPEQB, PCMPEQW, PCMPEQD, PCMPGTB, PCMPGTW, PCMPGTD);
    named(Shape.LANES, PMAXUB, PMINUB, PMAXSW, PMINSW, PAVGB, PAVGW, PSADBW);
    named(Shape.LANES, PMULLW, PMULHW, PMULHUW, PMADDWD, PMULUDQ);
    named(Shape.SHIFT, PSLLW, PSLLD, PSLLQ, PSRLW, PSRLD, PSRLQ, PSRAW, PSRAD);
    all(Shape.UNPACK_LOW, "bw", PUNPCKLBW);
    all(Shape.UNPACK_LOW, "wd", PUNPCKLWD);
    all(Shape.UNPACK_LOW, "dq", PUNPCKLDQ, UNPCKLPS);
    all(Shape.UNPACK_HIGH, "bw", PUNPCKHBW);
    all(Shape.UNPACK_HIGH, "wd", PUNPCKHWD);
    all(Shape.UNPACK_HIGH, "dq", PUNPCKHDQ, UNPCKHPS);
    all(Shape.UNPACK_LOW_HALVES, "", PUNPCKLQDQ, UNPCKLPD);
    all(Shape.UNPACK_HIGH_HALVES, "", PUNPCKHQDQ, UNPCKHPD);
    named(Shape.PACK, PACKSSWB, PACKUSWB, PACKSSDW);
    all(Shape.SHIFT_BYTES_LEFT, "", PSLLDQ);
    all(Shape.SHIFT_BYTES_RIGHT, "", PSRLDQ);
    all(Shape.SHUFFLE_DWORDS, "", PSHUFD);
    all(Shape.SHUFFLE_LOW_WORDS, "", PSHUFLW);
    all(Shape.SHUFFLE_HIGH_WORDS, "", PSHUFHW);
    all(Shape.SHUFFLE_SINGLES, "", SHUFPS);
    all(Shape.SHUFFLE_DOUBLES, "", SHUFPD);
    all(Shape.EXTRACT_WORD, "", PEXTRW);
    all(Shape.INSERT_WORD, "", PINSRW);
    named(Shape.SIGN_BYTES, PMOVMSKB);
    named(Shape.SIGN_SINGLES, MOVMSKPS);
    named(Shape.SIGN_DOUBLES, MOVMSKPD);
  }

  private static void floats() {
    named(Shape.ARITHMETIC64, ADDSD, SUBSD, MULSD, DIVSD, SQRTSD);
    named(Shape.ARITHMETIC32, ADDSS, SUBSS, MULSS, DIVSS, SQRTSS);
    named(Shape.ARITHMETIC_PACKED, ADDPD, SUBPD, MULPD, DIVPD, SQRTPD);
    named(Shape.ARITHMETIC_PACKED, ADDPS, SUBPS, MULPS, DIVPS, SQRTPS);
    choices("min", MINSD, MINPD, MINSS, MINPS);
    choices("max", MAXSD, MAXPD, MAXSS, MAXPS);
    all(Shape.COMPARE64, "", CMPSD);
    all(Shape.COMPARE32, "", CMPSS);
    all(Shape.COMPARE_PACKED, "cmp64", CMPPD);
    all(Shape.COMPARE_PACKED, "cmp", CMPPS);
    all(Shape.FLAGS64, "", COMISD, UCOMISD);
    all(Shape.FLAGS32, "", COMISS, UCOMISS);
  }

  private static void choices(String name, Mnemonic sd, Mnemonic pd, Mnemonic ss, Mnemonic ps) {
    all(Shape.CHOICE64, name + "64", sd);
    all(Shape.CHOICE_PACKED, name + "64", pd);
    all(Shape.CHOICE32, name + "32", ss);
    all(Shape.CHOICE_PACKED, name, ps);
  }

  private static void conversions() {
    all(Shape.FROM_INTEGER64, "", CVTSI2SD);
    all(Shape.FROM_INTEGER32, "", CVTSI2SS);
    all(Shape.TO_INTEGER64, "toInteger64", CVTSD2SI);
    all(Shape.TO_INTEGER64, "truncate64", CVTTSD2SI);
    all(Shape.TO_INTEGER32, "toInteger32", CVTSS2SI);
    all(Shape.TO_INTEGER32, "truncate32", CVTTSS2SI);
    all(Shape.WIDEN, "", CVTSS2SD);
    all(Shape.NARROW, "", CVTSD2SS);
    all(Shape.WIDEN_PAIR, "widen", CVTPS2PD);
    all(Shape.WIDEN_PAIR, "fromInt64", CVTDQ2PD);
    all(Shape.CONVERT_HALVES, "fromInteger", CVTDQ2PS);
    all(Shape.CONVERT_HALVES, "toInteger", CVTPS2DQ);
    all(Shape.CONVERT_HALVES, "truncate", CVTTPS2DQ);
    all(Shape.CONVERT_TO_HALF, "narrow", CVTPD2PS);
    all(Shape.CONVERT_TO_HALF, "toInteger64", CVTPD2DQ);
    all(Shape.CONVERT_TO_HALF, "truncate64", CVTTPD2DQ);
  }

  private static void all(Shape shape, String method, Mnemonic... mnemonics) {
    for (Mnemonic m : mnemonics) {
      FORMS.put(m, new Form(shape, method));
    }
  }

  /** Forms whose method has the mnemonic's name. */
  private static void named(Shape shape, Mnemonic... mnemonics) {
    for (Mnemonic m : mnemonics) {
      all(shape, m.name().toLowerCase(Locale.ROOT), m);
    }
  }

  /** The form of an instruction, or null if it has none. */
  static Form of(Insn i) {
    // SSE4.1 has a PEXTRW to memory, under the name of the one to a register.
    boolean other = i.mnemonic == PEXTRW && i.op0.isMem();
    return other || mmx(i.op0) || mmx(i.op1) ? null : FORMS.get(i.mnemonic);
  }

  /** The form of a mnemonic, or null if it has none. */
  static Form of(Mnemonic m) {
    return FORMS.get(m);
  }

  /** Whether the mnemonic has a form, if its registers are XMM registers. */
  static boolean has(Mnemonic m) {
    return FORMS.containsKey(m);
  }

  /** All mnemonics that have a form. */
  static Set<Mnemonic> mnemonics() {
    return Collections.unmodifiableSet(FORMS.keySet());
  }

  private static boolean mmx(Operand o) {
    return o != null && o.kind() == Kind.MMX;
  }
}
