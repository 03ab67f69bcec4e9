package org.quern.tests.stress;

import java.util.List;
import java.util.Random;

/**
 * A random program that ends: an outer loop around straight code, forward branches, inner loops,
 * calls and memory accesses near RBP, which may cross into the next page. Half of the programs end
 * early by a fault: an address that is good in all rounds but one.
 *
 * <p>In 64-bit code RBP, R12 (outer counter), R13 (inner counter), R14 (bounded index), R10 (bad
 * address) and RSP belong to the frame; in 32-bit code EBP, ESI (bounded index) and ESP do, and the
 * counters are in memory. 32-bit code also has addresses that are right only because sums wrap,
 * accesses by FS (whose base should be {@link #FS_BASE}), and loads of segment registers.
 */
final class RandomProgram {
  private static final String[][] REGISTERS = {
    {"al", "ax", "eax", "rax"},
    {"bl", "bx", "ebx", "rbx"},
    {"cl", "cx", "ecx", "rcx"},
    {"dl", "dx", "edx", "rdx"},
    {"sil", "si", "esi", "rsi"},
    {"dil", "di", "edi", "rdi"},
    {"r8b", "r8w", "r8d", "r8"},
    {"r9b", "r9w", "r9d", "r9"},
    {"r11b", "r11w", "r11d", "r11"},
  };

  private static final String[][] REGISTERS32 = {
    {"al", "ax", "eax"},
    {"bl", "bx", "ebx"},
    {"cl", "cx", "ecx"},
    {"dl", "dx", "edx"},
    {"bh", "di", "edi"}
  };

  /** Where FS begins in 32-bit code, and what its limit is. */
  static final long FS_BASE = 0x100700;

  static final int FS_LIMIT = 0xfff;

  private static final String[] HIGH = {"ah", "bh", "ch", "dh"};
  private static final String[] SIZES = {"byte", "word", "dword", "qword"};
  private static final String[] CONDITIONS = {
    "o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"
  };
  private static final List<String> ALU =
      List.of("add", "or", "adc", "sbb", "and", "sub", "xor", "cmp", "test", "mov");
  private static final List<String> SHIFTS =
      List.of("shl", "shr", "sar", "rol", "ror", "rcl", "rcr");
  private static final List<String> PACKED =
      List.of(
          "paddb",
          "paddw",
          "paddd",
          "paddq",
          "psubb",
          "psubd",
          "pand",
          "pandn",
          "por",
          "pxor",
          "pcmpeqb",
          "pcmpgtd",
          "pmullw",
          "pmuludq",
          "pmaddwd",
          "punpcklbw",
          "punpckhdq",
          "packssdw",
          "packuswb",
          "pminub",
          "pmaxsw",
          "pavgb",
          "psadbw",
          "punpcklqdq");
  private static final List<String> LATER =
      List.of(
          "pshufb",
          "phaddd",
          "pmaddubsw",
          "psignw",
          "pabsb",
          "pmulld",
          "pmaxud",
          "packusdw",
          "pcmpgtq",
          "phminposuw",
          "haddps",
          "addsubpd",
          "movshdup",
          "aesenc",
          "aesimc",
          "sha1msg1",
          "sha256msg2",
          "gf2p8mulb");
  private static final List<String> FLOAT =
      List.of("add", "sub", "mul", "div", "min", "max", "sqrt");
  private static final List<String> KINDS = List.of("ps", "pd", "ss", "sd");

  private final boolean wide;
  private final String[][] registers;

  /** The widest operands, as an index of {@link #SIZES}. */
  private final int widest;

  private final String bp;
  private final String sp;
  private final String index;
  private final String outer;
  private final String inner;
  private final String bad;
  private final Random random;
  private final StringBuilder text = new StringBuilder();
  private int labels;

  /** The same program for the same seed and code size. */
  RandomProgram(long seed, int codeSize) {
    random = new Random(seed);
    wide = codeSize == 64;
    registers = wide ? REGISTERS : REGISTERS32;
    widest = wide ? 3 : 2;
    bp = wide ? "rbp" : "ebp";
    sp = wide ? "rsp" : "esp";
    index = wide ? "r14" : "esi";
    outer = wide ? "r12d" : "dword [0x102f00]";
    inner = wide ? "r13d" : "dword [0x102f04]";
    bad = wide ? "r10" : "dword [0x102f08]";
  }

  String source() {
    line("mov ebp, 0x100800");
    for (String[] r : registers) {
      line("mov " + r[widest] + ", " + (wide ? random.nextLong() : random.nextInt()));
    }
    for (int x = 0; x < 8; x++) {
      line("cvtsi2sd xmm" + x + ", " + reg(widest));
    }
    String nowhere =
        wide
            ? pick("0x40000000", "0x8000000000000000", "0x7ffffffffffffffc")
            : pick("0x40000000", "0xf0000000", "0xfffffffe");
    line("mov " + bad + ", " + nowhere);
    int rounds = 40 + random.nextInt(60);
    line("mov " + outer + ", " + rounds);
    line("round:");
    int constructs = 12 + random.nextInt(30);
    int faulty = random.nextBoolean() ? random.nextInt(constructs) : -1;
    for (int n = 0; n < constructs; n++) {
      if (n == faulty) {
        faultOnce(1 + random.nextInt(rounds));
      }
      construct();
    }
    line("dec " + outer);
    line("jnz round");
    line("hlt");
    for (int f = 0; f < 3; f++) {
      if (random.nextInt(3) == 0) {
        line("align 0x1000");
      }
      line("f" + f + ":");
      instructions(2 + random.nextInt(8));
      line("ret");
    }
    return text.toString();
  }

  private void line(String s) {
    text.append(s).append('\n');
  }

  private void instructions(int n) {
    for (int i = 0; i < n; i++) {
      instruction();
    }
  }

  private void faultOnce(int round) {
    line("lea " + index + ", [" + bp + " + " + random.nextInt(100) + "]");
    line("cmp " + outer + ", " + round);
    line("cmove " + index + ", " + bad);
    int w = width();
    String at = SIZES[w] + " [" + index + "]";
    if (!wide && random.nextInt(4) == 0) {
      line("and esi, 0x40000fff");
      at = SIZES[w] + " fs:[esi]";
    }
    line(
        switch (random.nextInt(9)) {
          case 0 -> "mov " + at + ", " + reg(w);
          case 1 -> "add " + at + ", " + reg(w);
          case 2 -> "adc " + reg(w) + ", " + at;
          case 3 -> "push " + SIZES[widest] + " [" + index + "]\npop " + index;
          case 4 -> "movups " + xmm() + ", xmmword [" + index + "]";
          case 5 -> "movsd qword [" + index + "], " + xmm();
          case 6 -> "xadd " + at + ", " + reg(w);
          case 7 -> "inc " + at;
          default -> "cmp " + at + ", " + immediate(w);
        });
  }

  private void construct() {
    switch (random.nextInt(10)) {
      case 0 -> {
        String over = "l" + labels++;
        line("j" + pick(CONDITIONS) + " " + over);
        instructions(1 + random.nextInt(4));
        line(over + ":");
      }
      case 1 -> {
        String again = "l" + labels++;
        line("mov " + inner + ", " + (1 + random.nextInt(9)));
        line(again + ":");
        instructions(1 + random.nextInt(6));
        line("dec " + inner);
        line("jnz " + again);
      }
      case 2 -> line("call f" + random.nextInt(3));
      case 3 -> {
        line("push " + reg(widest));
        instructions(random.nextInt(3));
        line("pop " + reg(widest));
      }
      case 4 -> {
        if (wide) {
          instruction();
        } else {
          segments();
        }
      }
      case 5 -> frame();
      default -> instruction();
    }
  }

  /** A frame as old compilers make them. */
  private void frame() {
    line("push " + bp);
    line("mov " + bp + ", " + sp);
    line("sub " + sp + ", " + 8 * random.nextInt(9));
    line("mov " + reg(widest) + ", " + SIZES[widest] + " [" + bp + " - 8]");
    line(random.nextBoolean() ? "leave" : "mov " + sp + ", " + bp + "\npop " + bp);
  }

  /** Loads of segments: flat again, or not flat for a while. */
  private void segments() {
    switch (random.nextInt(4)) {
      case 0 -> line("push ds\npop es");
      case 1 -> line("mov ax, ss\nmov ds, ax");
      case 2 -> {
        line("mov ax, 0\nmov es, ax");
        for (int n = 0; n < 3; n++) {
          alu();
        }
        line("mov ax, ds\nmov es, ax");
      }
      default -> line("mov " + reg(1) + ", gs");
    }
  }

  private void instruction() {
    instruction(random.nextInt(23));
  }

  private void instruction(int kind) {
    switch (kind) {
      case 0, 1, 2, 3, 4 -> alu();
      case 5, 6 -> shift();
      case 7 -> {
        int w = width();
        line(pick("inc", "dec", "neg", "not") + " " + regOrMem(w));
      }
      case 8 -> multiply();
      case 9 -> divide();
      case 10 -> bits();
      case 11 -> move();
      case 12 -> flags();
      case 13 -> {
        String cc = pick(CONDITIONS);
        int w = 1 + random.nextInt(widest);
        line(random.nextBoolean() ? "set" + cc + " " + regOrMem(0) : cmov(cc, w));
      }
      case 14 -> exchange();
      case 15 -> strings();
      case 16, 17 -> packed();
      case 18 -> bitExtensions();
      case 19, 20 -> vectorExtensions();
      default -> floating();
    }
  }

  private String cmov(String cc, int w) {
    return "cmov" + cc + " " + reg(w) + ", " + regOrMem(w);
  }

  private void alu() {
    int w = width();
    String op = pick(ALU.toArray(new String[0]));
    switch (random.nextInt(5)) {
      case 0 -> line(op + " " + reg(w) + ", " + immediate(w));
      case 1 -> line(op + " " + memory(w) + ", " + immediate(w));
      case 2 -> line(op + " " + memory(w) + ", " + reg(w));
      case 3 -> line((op.equals("test") ? "add" : op) + " " + reg(w) + ", " + memory(w));
      default -> {
        if (w == 0 && random.nextInt(4) == 0) {
          line(op + " " + pick(HIGH) + ", " + pick("al", "bl", "cl", "dl", "ah", "bh"));
        } else {
          line(op + " " + reg(w) + ", " + reg(w));
        }
      }
    }
  }

  private void shift() {
    int w = width();
    String target = regOrMem(w);
    switch (random.nextInt(6)) {
      case 0 -> {
        int big = 1 + random.nextInt(widest);
        line(
            pick("shld", "shrd")
                + " "
                + regOrMem(big)
                + ", "
                + reg(big)
                + ", "
                + (random.nextBoolean() ? "cl" : "" + random.nextInt(16)));
      }
      case 1, 2 -> line(pick(SHIFTS.toArray(new String[0])) + " " + target + ", cl");
      case 3 -> line(pick(SHIFTS.toArray(new String[0])) + " " + target + ", 1");
      default ->
          line(pick(SHIFTS.toArray(new String[0])) + " " + target + ", " + random.nextInt(70));
    }
  }

  private void multiply() {
    int w = 1 + random.nextInt(widest);
    switch (random.nextInt(4)) {
      case 0 -> line("imul " + reg(w) + ", " + regOrMem(w));
      case 1 -> line("imul " + reg(w) + ", " + regOrMem(w) + ", " + immediate(w));
      case 2 -> line("mul " + regOrMem(width()));
      default -> line("imul " + regOrMem(width()));
    }
  }

  private void divide() {
    line(wide ? "or r11d, 1" : "or ebx, 1");
    line("xor edx, edx");
    line("shr " + (wide ? "rax" : "eax") + ", 1");
    line(pick("div", "div", "idiv") + (wide ? " r11" : " ebx"));
  }

  private void bits() {
    int w = 1 + random.nextInt(widest);
    switch (random.nextInt(5)) {
      case 0 -> line(pick("bt", "bts", "btr", "btc") + " " + reg(w) + ", " + reg(w));
      case 1 ->
          line(pick("bt", "bts", "btr", "btc") + " " + regOrMem(w) + ", " + random.nextInt(64));
      case 2 -> line(pick("bsf", "bsr") + " " + reg(w) + ", " + regOrMem(w));
      case 3 -> line(pick("bt", "btc") + " " + memory(w) + ", " + random.nextInt(64));
      default -> line("bswap " + reg(dwordUp()));
    }
  }

  private void move() {
    int w = 1 + random.nextInt(widest);
    switch (random.nextInt(7)) {
      case 0 -> line(pick("movzx", "movsx") + " " + reg(w) + ", " + regOrMem(0));
      case 1 -> line(pick("movzx", "movsx") + " " + reg(dwordUp()) + ", " + regOrMem(1));
      case 2 -> line(wide ? "movsxd " + reg(3) + ", " + regOrMem(2) : "mov eax, [0x100900]");
      case 3 ->
          line(
              "lea "
                  + reg(w)
                  + ", ["
                  + reg(widest)
                  + " + "
                  + reg(widest)
                  + " * 4 + "
                  + random.nextInt(9999)
                  + "]");
      case 4 -> line(wide ? pick("cwde", "cdqe", "cdq", "cqo", "cbw", "cwd") : pick("cwde", "cdq"));
      case 5 -> line("lea " + reg(w) + ", [" + pick("ebx", wide ? "r8d" : "ecx", "edi") + " - 77]");
      default -> line("mov " + reg(widest) + ", " + (wide ? random.nextLong() : random.nextInt()));
    }
  }

  private void flags() {
    switch (random.nextInt(6)) {
      case 0 -> {
        line(wide ? "pushfq" : "pushfd");
        line("pop " + reg(widest));
      }
      case 1 -> line("lahf");
      case 2 -> line("sahf");
      case 3 -> {
        line("push " + reg(widest));
        line("and " + SIZES[widest] + " [" + sp + "], 0x8d5");
        line(wide ? "popfq" : "popfd");
      }
      default -> line(pick("clc", "stc", "cmc"));
    }
  }

  private void exchange() {
    int w = width();
    String lock = random.nextInt(3) == 0 ? "lock " : "";
    switch (random.nextInt(5)) {
      case 0 -> line("xchg " + regOrMem(w) + ", " + reg(w));
      case 1 -> line(lock + "xadd " + memory(w) + ", " + reg(w));
      case 2 -> line(lock + "cmpxchg " + memory(w) + ", " + reg(w));
      case 3 -> line("xadd " + reg(w) + ", " + reg(w));
      default -> line("lock " + pick("add", "sub", "xor", "or") + " " + memory(w) + ", " + reg(w));
    }
  }

  private void strings() {
    line("lea " + (wide ? "rsi" : "esi") + ", [" + bp + " + " + random.nextInt(1000) + "]");
    line("lea " + (wide ? "rdi" : "edi") + ", [" + bp + " + " + random.nextInt(1000) + "]");
    if (random.nextBoolean()) {
      line("mov ecx, " + random.nextInt(40));
      line(
          pick(
              "rep movsb",
              "rep stosd",
              "repe cmpsb",
              "repne scasb",
              wide ? "rep movsq" : "rep movsd",
              "rep lodsw"));
    } else {
      line(pick("movsb", wide ? "movsq" : "movsw", "stosw", "lodsd", "cmpsb", "scasd"));
    }
  }

  private void packed() {
    switch (random.nextInt(8)) {
      case 0 -> line("movdqu " + wideMemory() + ", " + xmm());
      case 1 -> line("movups " + xmm() + ", " + wideMemory());
      case 2 -> line("movd " + xmm() + ", " + reg(2));
      case 3 -> line((wide ? "movq " : "movd ") + reg(widest) + ", " + xmm());
      case 4 -> line("pshufd " + xmm() + ", " + xmm() + ", " + random.nextInt(256));
      case 5 ->
          line(
              pick("psllw", "pslld", "psrlq", "psrad", "pslldq", "psrldq")
                  + " "
                  + xmm()
                  + ", "
                  + random.nextInt(20));
      case 6 -> line("pmovmskb " + reg(2) + ", " + xmm());
      default -> line(pick(PACKED.toArray(new String[0])) + " " + xmm() + ", " + xmm());
    }
  }

  /** General-purpose instructions after SSE2: flags, implicit registers, three operands. */
  private void bitExtensions() {
    int w = 1 + random.nextInt(widest);
    int d = dwordUp();
    switch (random.nextInt(8)) {
      case 0 -> line(pick("popcnt ", "lzcnt ", "tzcnt ") + reg(w) + ", " + regOrMem(w));
      case 1 -> line(pick("andn ", "pdep ", "pext ") + reg(d) + ", " + reg(d) + ", " + regOrMem(d));
      case 2 ->
          line(
              pick("bextr ", "bzhi ", "shlx ", "sarx ", "shrx ")
                  + reg(d)
                  + ", "
                  + regOrMem(d)
                  + ", "
                  + reg(d));
      case 3 -> line(pick("blsr ", "blsi ", "blsmsk ") + reg(d) + ", " + regOrMem(d));
      case 4 -> line("mulx " + reg(d) + ", " + reg(d) + ", " + regOrMem(d));
      case 5 -> line(pick("adcx ", "adox ") + reg(d) + ", " + regOrMem(d));
      case 6 -> line("crc32 " + reg(2) + ", " + regOrMem(width() % 3));
      default ->
          line(
              random.nextBoolean()
                  ? "movbe " + reg(w) + ", " + memory(w)
                  : "movbe " + memory(w) + ", " + reg(w));
    }
  }

  /** SSE3 to SSE4.2, AES and the like. */
  private void vectorExtensions() {
    String imm = ", " + random.nextInt(256);
    switch (random.nextInt(9)) {
      case 0 -> line(pick("lddqu ", "movups ") + xmm() + ", " + wideMemory());
      case 1 ->
          line(pick("pcmpistri ", "pcmpistrm ", "pcmpestri ") + xmm() + ", " + wideMemory() + imm);
      case 2 -> line(pick("pmovsxbw ", "pmovzxwd ", "movddup ") + xmm() + ", " + xmm());
      case 3 -> line(pick("pinsrb ", "pinsrd ") + xmm() + ", " + reg(2) + imm);
      case 4 -> line(pick("pextrb ", "pextrd ", "extractps ") + reg(2) + ", " + xmm() + imm);
      case 5 -> line(random.nextBoolean() ? "ptest " + xmm() + ", " + xmm() : blend());
      case 6 ->
          line(
              pick("palignr ", "pblendw ", "roundps ", "dpps ", "mpsadbw ", "pclmulqdq ")
                  + xmm()
                  + ", "
                  + xmm()
                  + imm);
      default -> line(pick(LATER.toArray(new String[0])) + " " + xmm() + ", " + xmm());
    }
  }

  private String blend() {
    return pick("pblendvb ", "blendvps ", "sha256rnds2 ") + xmm() + ", " + xmm() + ", xmm0";
  }

  private void floating() {
    String kind = pick(KINDS.toArray(new String[0]));
    switch (random.nextInt(9)) {
      case 0 -> line("cvtsi2sd " + xmm() + ", " + reg(dwordUp()));
      case 1 -> line(pick("cvttsd2si ", "cvtsd2si ") + reg(dwordUp()) + ", " + xmm());
      case 2 -> line(pick("ucomisd ", "comiss ", "comisd ", "ucomiss ") + xmm() + ", " + xmm());
      case 3 ->
          line(pick("cvtss2sd ", "cvtsd2ss ", "cvtdq2pd ", "cvtps2pd ") + xmm() + ", " + xmm());
      case 4 -> line("cmp" + kind + " " + xmm() + ", " + xmm() + ", " + random.nextInt(8));
      case 5 -> line(pick("shufps ", "shufpd ") + xmm() + ", " + xmm() + ", " + random.nextInt(4));
      case 6 ->
          line(
              pick("unpcklps ", "unpckhpd ", "andps ", "xorpd ", "movhlps ", "movsd ", "movss ")
                  + xmm()
                  + ", "
                  + xmm());
      default -> line(pick(FLOAT.toArray(new String[0])) + kind + " " + xmm() + ", " + xmm());
    }
  }

  // ---- operands

  private String reg(int w) {
    return registers[random.nextInt(registers.length)][w];
  }

  /** Any operand size. */
  private int width() {
    return random.nextInt(widest + 1);
  }

  /** 32 bits, or 64 where there are. */
  private int dwordUp() {
    return 2 + random.nextInt(widest - 1);
  }

  private String xmm() {
    return "xmm" + random.nextInt(8);
  }

  private String regOrMem(int w) {
    return random.nextInt(3) == 0 ? memory(w) : reg(w);
  }

  /** An operand of a width; may need an instruction before. */
  private String memory(int w) {
    return SIZES[w] + " " + address();
  }

  private String wideMemory() {
    return "xmmword " + address();
  }

  /** From 2 KiB before to 4 KiB behind RBP, now and then across the page that ends there. */
  private String address() {
    String plain = plainAddress();
    if (!wide && random.nextInt(6) == 0) {
      // The sum is beyond 4 GiB, or before 0.
      int far = 0x70000000;
      line(random.nextBoolean() ? "lea esi, [ebp - 0x70000000]" : "lea esi, [ebp + 0x90000000]");
      return "[esi + " + (far + random.nextInt(64)) + "]";
    }
    if (!wide && random.nextInt(6) == 0) {
      return "fs:[" + random.nextInt(FS_LIMIT - 15) + "]";
    }
    return plain;
  }

  private String plainAddress() {
    switch (random.nextInt(5)) {
      case 0 -> {
        line("mov " + (wide ? "r14d" : "esi") + ", " + reg(2));
        line("and " + (wide ? "r14d" : "esi") + ", 0x7ff");
        return "[" + bp + " + " + index + "]";
      }
      case 1 -> {
        line("movzx " + (wide ? "r14d" : "esi") + ", " + reg(0));
        return "[" + bp + " + " + index + " * 8 - 40]";
      }
      case 2 -> {
        return "[" + bp + " + " + (2040 + random.nextInt(16)) + "]";
      }
      case 3 -> {
        return "[" + sp + " - " + (64 + 8 * random.nextInt(20)) + "]";
      }
      default -> {
        return "[" + bp + " + " + (random.nextInt(64) - 16) + "]";
      }
    }
  }

  private String immediate(int w) {
    long v =
        switch (random.nextInt(4)) {
          case 0 -> random.nextInt(3) - 1;
          case 1 -> random.nextInt(256) - 128;
          default -> random.nextInt();
        };
    return switch (w) {
      case 0 -> "" + (byte) v;
      case 1 -> "" + (short) v;
      default -> "" + (int) v;
    };
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
