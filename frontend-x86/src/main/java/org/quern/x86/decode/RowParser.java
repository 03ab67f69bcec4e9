package org.quern.x86.decode;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.Generation;

/**
 * Reads the rows of the instruction table. A row is
 *
 * <pre>[prefix:]opcode[+r|+c][/digit][m|r][=modrm] MNEMONIC operands|- [attribute ...]</pre>
 *
 * <p>{@code np:}, {@code nf:}, {@code 66:}, {@code f3:}, {@code f2:} as in {@link InsnForm.Prefix};
 * {@code /m} and {@code /r} want memory or a register in ModRM.rm. Attributes: a CPUID feature;
 * {@code lock}; {@code d64 f64 z o8} ({@link InsnForm.Sizing}); {@code only64 no64}; {@code w0 w1
 * l0 l1 b0 b1}: VEX and REX bits; {@code d q}: W with effect; {@code cpl0 iopl io pm}; {@code cc=},
 * {@code else=} (the mnemonic without the feature). Of two rows that both fit, the more specific
 * prefix and then the earlier row wins.
 *
 * <p>Lines that start with a word stand for several rows: {@code alu} the eight forms of an ALU
 * operation and its group 1, {@code shift} a group 2 operation, {@code fp4} and {@code fp2} the
 * PS/PD/SS/SD forms, {@code mmx} the MMX and SSE2 forms, {@code mmxi} those by immediate; {@code
 * v...} the same under VEX (integer ones: 128 bits AVX, 256 bits AVX2).
 */
final class RowParser {
  private static final Map<String, CpuFeature> FEATURES = new HashMap<>();
  private static final Map<String, OperandSpec> SPECS = new HashMap<>();
  private static final OperandSpec[] NONE = {};

  static {
    for (CpuFeature f : CpuFeature.values()) {
      FEATURES.put(f.name().toLowerCase(Locale.ROOT), f);
    }
  }

  final InsnForm.Space space;
  private final List<InsnForm> out;

  Mnemonic mnemonic;
  InsnForm.Prefix prefix;
  int opcode;
  int span;
  int digit;
  int mod;
  int modrmByte;
  OperandSpec[] operands;
  InsnForm.Sizing sizing;
  int forbidden;
  int cc;
  boolean lockable;
  boolean protectedOnly;
  InsnForm.Privilege privilege;
  CpuFeature feature;
  Generation since;
  Mnemonic fallback;

  private RowParser(InsnForm.Space space, List<InsnForm> out) {
    this.space = space;
    this.out = out;
  }

  /** Appends the rows of {@code text} to {@code out}. */
  static synchronized void parse(InsnForm.Space space, String text, List<InsnForm> out) {
    RowParser p = new RowParser(space, out);
    int at = 0;
    while (at < text.length()) {
      int end = text.indexOf('\n', at);
      p.line(text.substring(at, end));
      at = end + 1;
    }
  }

  private void line(String s) {
    int space1 = s.indexOf(' ');
    String head = s.substring(0, space1);
    String tail = s.substring(space1 + 1);
    switch (head) {
      case "alu" -> alu(tail);
      case "shift" -> shift(tail);
      case "fp4" -> floating(tail, true, false);
      case "fp2" -> floating(tail, false, false);
      case "vfp4" -> floating(tail, true, true);
      case "vfp2" -> floating(tail, false, true);
      case "mmx" -> mmx(tail);
      case "mmxi" -> mmxImmediate(tail);
      case "vint" -> vectorInteger(tail);
      case "vinti" -> vectorImmediate(tail);
      case "fma" -> fma(tail);
      default -> row(head, tail);
    }
  }

  /** {@code alu 00 ADD lock}. */
  private void alu(String s) {
    int base = Integer.parseInt(s, 0, 2, 16);
    String rest = s.substring(3);
    int cut = rest.indexOf(' ');
    String name = cut < 0 ? rest : rest.substring(0, cut);
    String lock = cut < 0 ? "" : rest.substring(cut);
    String g = cat("/", hex(base >> 3).substring(1));
    row(hex(base), cat(name, " Eb,Gb", lock));
    row(hex(base + 1), cat(name, " Ev,Gv", lock));
    row(hex(base + 2), cat(name, " Gb,Eb"));
    row(hex(base + 3), cat(name, " Gv,Ev"));
    row(hex(base + 4), cat(name, " AL,Ib"));
    row(hex(base + 5), cat(name, " rAX,Iz"));
    row(cat("80", g), cat(name, " Eb,Ib", lock));
    row(cat("81", g), cat(name, " Ev,Iz", lock));
    row(cat("82", g), cat(name, " Eb,Ib no64", lock));
    row(cat("83", g), cat(name, " Ev,sIb", lock));
  }

  /** {@code shift /4 SHL}. */
  private void shift(String s) {
    String g = s.substring(0, 2);
    String name = s.substring(3);
    row(cat("c0", g), cat(name, " Eb,Ib i186"));
    row(cat("c1", g), cat(name, " Ev,Ib i186"));
    row(cat("d0", g), cat(name, " Eb,1"));
    row(cat("d1", g), cat(name, " Ev,1"));
    row(cat("d2", g), cat(name, " Eb,CL"));
    row(cat("d3", g), cat(name, " Ev,CL"));
  }

  /** {@code fp4 58 ADD}. */
  private void floating(String s, boolean scalar, boolean vex) {
    String op = s.substring(0, 2);
    String name = s.substring(3);
    if (vex) {
      row(cat("np:", op), cat(name, "PS Vx,Hx,Wx avx"));
      row(cat("66:", op), cat(name, "PD Vx,Hx,Wx avx"));
    } else {
      row(cat("np:", op), cat(name, "PS Vx,Wx sse"));
      row(cat("66:", op), cat(name, "PD Vx,Wx sse2"));
    }
    if (scalar && vex) {
      row(cat("f3:", op), cat(name, "SS Vdq,Hdq,Wd avx"));
      row(cat("f2:", op), cat(name, "SD Vdq,Hdq,Wq avx"));
    } else if (scalar) {
      row(cat("f3:", op), cat(name, "SS Vx,Wd sse"));
      row(cat("f2:", op), cat(name, "SD Vx,Wq sse2"));
    }
  }

  /** {@code mmx fc PADDB [feature of the MMX form]}. */
  private void mmx(String s) {
    String op = s.substring(0, 2);
    int cut = s.indexOf(' ', 3);
    String name = cut < 0 ? s.substring(3) : s.substring(3, cut);
    String feature = cut < 0 ? " mmx" : s.substring(cut);
    String wide = space == InsnForm.Space.OF ? " sse2" : feature;
    row(cat("np:", op), cat(name, " Pq,Qq", feature));
    row(cat("66:", op), cat(name, " Vx,Wx", wide));
  }

  /** {@code mmxi 71/2r PSRLW}. */
  private void mmxImmediate(String s) {
    String name = s.substring(6);
    row(cat("np:", s.substring(0, 5)), cat(name, " Nq,Ib mmx"));
    row(cat("66:", s.substring(0, 5)), cat(name, " Ux,Ib sse2"));
  }

  /** {@code vint fc VPADDB [operands]}. */
  private void vectorInteger(String s) {
    int cut = s.indexOf(' ', 3);
    String name = cut < 0 ? s.substring(3) : s.substring(3, cut);
    String ops = cut < 0 ? " Vx,Hx,Wx" : s.substring(cut);
    row(cat("66:", s.substring(0, 2)), cat(name, ops, " l0 avx"));
    row(cat("66:", s.substring(0, 2)), cat(name, ops, " l1 avx2"));
  }

  /** {@code vinti 71/2r VPSRLW}. */
  private void vectorImmediate(String s) {
    row(cat("66:", s.substring(0, 5)), cat(s.substring(6), " Hx,Ux,Ib l0 avx"));
    row(cat("66:", s.substring(0, 5)), cat(s.substring(6), " Hx,Ux,Ib l1 avx2"));
  }

  /** {@code fma 98 VFMADD132 [scalar]}: PS and PD, or SS and SD. */
  private void fma(String s) {
    String op = s.substring(0, 2);
    int cut = s.indexOf(' ', 3);
    if (cut < 0) {
      row(cat("66:", op), cat(s.substring(3), "PS Vx,Hx,Wx w0 fma"));
      row(cat("66:", op), cat(s.substring(3), "PD Vx,Hx,Wx w1 fma"));
    } else {
      row(cat("66:", op), cat(s.substring(3, cut), "SS Vdq,Hdq,Wd w0 fma"));
      row(cat("66:", op), cat(s.substring(3, cut), "SD Vdq,Hdq,Wq w1 fma"));
    }
  }

  private static String hex(int v) {
    return new String(new char[] {Character.forDigit(v >> 4, 16), Character.forDigit(v & 15, 16)});
  }

  /** Joins; the operator would cost a run-time bootstrap at each place while the program starts. */
  private static String cat(String... parts) {
    StringBuilder b = new StringBuilder();
    for (String part : parts) {
      b.append(part);
    }
    return b.toString();
  }

  private void row(String code, String rest) {
    encoding(code);
    int cut = rest.indexOf(' ');
    mnemonic = Mnemonic.valueOf(rest.substring(0, cut));
    int end = rest.indexOf(' ', cut + 1);
    operands(end < 0 ? rest.substring(cut + 1) : rest.substring(cut + 1, end));
    sizing = sizing();
    forbidden = 0;
    cc = -1;
    lockable = false;
    protectedOnly = false;
    privilege = InsnForm.Privilege.ANYONE;
    feature = null;
    since = space == InsnForm.Space.ONE_BYTE ? Generation.I8086 : Generation.I386;
    fallback = null;
    while (end >= 0) {
      int next = rest.indexOf(' ', end + 1);
      attribute(next < 0 ? rest.substring(end + 1) : rest.substring(end + 1, next));
      end = next;
    }
    out.add(new InsnForm(this));
  }

  /** The operand size where no attribute says otherwise. */
  private InsnForm.Sizing sizing() {
    if (space.vex() || prefix == InsnForm.Prefix.P66) {
      return InsnForm.Sizing.WIDE;
    }
    InsnForm.Sizing result = InsnForm.Sizing.DEFAULT;
    for (int n = 0; n < operands.length; n++) {
      OperandSpec o = operands[n];
      if (n == 0 && o.width() == OperandSpec.Width.B && o.place().holdsData()) {
        return InsnForm.Sizing.BYTE;
      }
      if (o.width() == OperandSpec.Width.V) {
        return InsnForm.Sizing.DEFAULT;
      }
      if (o.width() == OperandSpec.Width.Y) {
        result = InsnForm.Sizing.WIDE;
      }
    }
    return result;
  }

  private void encoding(String s) {
    int at = 0;
    prefix = InsnForm.Prefix.ANY;
    if (s.length() > 2 && s.charAt(2) == ':') {
      prefix =
          switch (s.substring(0, 2)) {
            case "np" -> InsnForm.Prefix.NP;
            case "nf" -> InsnForm.Prefix.NF;
            case "66" -> InsnForm.Prefix.P66;
            case "f3" -> InsnForm.Prefix.F3;
            case "f2" -> InsnForm.Prefix.F2;
            default -> throw new IllegalStateException("prefix: " + s);
          };
      at = 3;
    }
    opcode = Integer.parseInt(s, at, at + 2, 16);
    at += 2;
    span = 1;
    digit = -1;
    mod = InsnForm.MOD_ANY;
    modrmByte = -1;
    for (; at < s.length(); at++) {
      char ch = s.charAt(at);
      if (ch == '+') {
        at++;
        span = s.charAt(at) == 'r' ? 8 : 16;
      } else if (ch == '=') {
        modrmByte = Integer.parseInt(s, at + 1, at + 3, 16);
        at += 2;
      } else if (ch == 'm') {
        mod = InsnForm.MOD_MEM;
      } else if (ch == 'r') {
        mod = InsnForm.MOD_REG;
      } else if (ch >= '0' && ch <= '7') {
        digit = ch - '0';
      } else if (ch != '/') {
        throw new IllegalStateException("encoding: " + s);
      }
    }
  }

  private void operands(String s) {
    if (s.equals("-")) {
      operands = NONE;
      return;
    }
    int count = 1;
    for (int n = 0; n < s.length(); n++) {
      count += s.charAt(n) == ',' ? 1 : 0;
    }
    operands = new OperandSpec[count];
    int at = 0;
    for (int n = 0; n < count; n++) {
      int end = s.indexOf(',', at);
      operands[n] = spec(end < 0 ? s.substring(at) : s.substring(at, end));
      at = end + 1;
    }
  }

  private static OperandSpec spec(String s) {
    OperandSpec o = SPECS.get(s);
    if (o == null) {
      o = OperandSpec.parse(s);
      SPECS.put(s, o);
    }
    return o;
  }

  private void attribute(String s) {
    switch (s) {
      case "lock" -> lockable = true;
      case "d64" -> sizing = InsnForm.Sizing.D64;
      case "f64" -> sizing = InsnForm.Sizing.F64;
      case "z" -> sizing = InsnForm.Sizing.MAX32;
      case "o8" -> sizing = InsnForm.Sizing.BYTE;
      case "only64" -> forbidden |= InsnForm.NOT_64;
      case "no64" -> forbidden |= InsnForm.IN_64;
      case "w0" -> forbidden |= InsnForm.W1;
      case "w1" -> forbidden |= InsnForm.W0;
      case "l0" -> forbidden |= InsnForm.L1;
      case "l1" -> forbidden |= InsnForm.L0;
      case "b0" -> forbidden |= InsnForm.B1;
      case "b1" -> forbidden |= InsnForm.B0;
      case "d" -> forbidden |= InsnForm.WQ;
      case "q" -> forbidden |= InsnForm.WD;
      case "cpl0" -> privilege = InsnForm.Privilege.CPL0;
      case "iopl" -> privilege = InsnForm.Privilege.IOPL;
      case "io" -> privilege = InsnForm.Privilege.IO;
      case "pm" -> protectedOnly = true;
      case "i186" -> since = Generation.I186;
      case "i286" -> since = Generation.I286;
      case "i386" -> since = Generation.I386;
      case "i486" -> since = Generation.I486;
      case "p6" -> since = Generation.P6;
      default -> {
        if (s.startsWith("cc=")) {
          cc = Character.digit(s.charAt(3), 16);
        } else if (s.startsWith("else=")) {
          fallback = Mnemonic.valueOf(s.substring(5));
        } else {
          feature = FEATURES.get(s);
          if (feature == null) {
            throw new IllegalStateException("attribute: " + s);
          }
        }
      }
    }
  }
}
