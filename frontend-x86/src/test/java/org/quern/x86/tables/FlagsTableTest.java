package org.quern.x86.tables;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;
import org.quern.x86.tables.Rig.Env;

/**
 * CLI, STI, PUSHF, POPF and the flags of IRET by mode, CPL, IOPL, VME and PVI. Source: SDM vol. 2A,
 * CLI (table 3-7), IRET; vol. 2B, POPF (table 4-16), PUSHF, STI (table 4-19).
 */
class FlagsTableTest {
  /** Modes; a rig for each CPL that the mode can have. */
  enum Mode {
    REAL,
    VIRTUAL,
    PROTECTED,
    COMPATIBILITY,
    LONG;

    Rig rig() {
      return switch (this) {
        case REAL -> Rig.on(FakeMachine.real(), Env.PROTECTED32);
        case VIRTUAL -> Rig.on(FakeMachine.protected32().v86(0), Env.PROTECTED32);
        case PROTECTED -> Rig.of(Env.PROTECTED32);
        case COMPATIBILITY -> Rig.of(Env.COMPATIBILITY32);
        case LONG -> Rig.of(Env.LONG64);
      };
    }

    int codeSize() {
      return this == REAL || this == VIRTUAL ? 16 : this == LONG ? 64 : 32;
    }

    int lowestCpl() {
      return this == VIRTUAL ? 3 : 0;
    }

    int highestCpl() {
      return this == REAL ? 0 : 3;
    }

    /** Operand sizes of stack instructions without REX: 16 and this. */
    int wide() {
      return this == LONG ? 64 : 32;
    }
  }

  /** Flags whose rules differ; those that no rule tells apart go together. */
  private static final int[] BITS = {
    RFlags.CF | RFlags.DF,
    RFlags.TF,
    RFlags.IF,
    RFlags.IOPL,
    RFlags.NT,
    RFlags.RF,
    RFlags.VM,
    RFlags.AC,
    RFlags.VIF | RFlags.VIP,
    RFlags.ID
  };

  private static int image(int n) {
    int f = 0;
    for (int b = 0; b < BITS.length; b++) {
      f |= (n >> b & 1) != 0 ? BITS[b] : 0;
    }
    return f;
  }

  /** What flags may be before the instruction: some, or nearly all, with this IOPL. */
  private static int before(Mode mode, int iopl, int variant) {
    int f = RFlags.FIXED | iopl << 12 | (mode == Mode.VIRTUAL ? RFlags.VM : 0);
    return switch (variant) {
      case 0 -> f;
      case 1 -> f | RFlags.VIP | RFlags.SF;
      case 2 -> f | RFlags.IF | RFlags.VIF | RFlags.DF | RFlags.AC;
      default ->
          f | RFlags.IF | RFlags.VIF | RFlags.VIP | RFlags.DF | RFlags.AC | RFlags.ID | RFlags.OF;
    };
  }

  private static String code(Mode mode, int bits, String opcode) {
    boolean prefix = bits == 16 ? mode.codeSize() != 16 : mode.codeSize() == 16;
    return prefix ? "66 " + opcode : opcode;
  }

  /** Runs a case for each mode, CPL, IOPL, variant and CR4 bit. */
  private interface Case {
    void run(Rig r, int cpl, int iopl, int old, boolean extension);
  }

  private static int each(Mode mode, Case body) {
    int count = 0;
    Rig r = mode.rig();
    if (mode == Mode.REAL) {
      // As any load of CS leaves it, not as RESET does.
      r.start.set(CpuImage.seg(Reg.CS, CpuImage.ATTR), 0x93);
    }
    r.watch(r.start.v[Reg.RSP] - 16, 64);
    for (int extension = 0; extension < 2; extension++) {
      long other = r.start.v[CpuImage.CR4] & ~(Cr.CR4_VME | Cr.CR4_PVI);
      long bit = mode == Mode.VIRTUAL ? Cr.CR4_VME : Cr.CR4_PVI;
      r.start.set(CpuImage.CR4, other | (extension == 1 ? bit : 0));
      for (int cpl = mode.lowestCpl(); cpl <= mode.highestCpl(); cpl++) {
        if (mode != Mode.REAL && mode != Mode.VIRTUAL) {
          r.level(cpl);
        }
        for (int iopl = 0; iopl < 4; iopl++) {
          for (int variant = 0; variant < 4; variant++) {
            int old = before(mode, iopl, variant);
            r.start.set(CpuImage.FLAGS, old);
            body.run(r, cpl, iopl, old, extension == 1);
            count++;
          }
        }
      }
    }
    return count;
  }

  private static int cases(Mode mode) {
    return 2 * (mode.highestCpl() - mode.lowestCpl() + 1) * 4 * 4;
  }

  private static String title(String what, int cpl, int iopl, int old, boolean extension) {
    return String.format("%s cpl %d iopl %d flags %x ext %b", what, cpl, iopl, old, extension);
  }

  @ParameterizedTest
  @EnumSource
  void cli_and_sti(Mode mode) {
    Table t = new Table("CLI and STI, " + mode);
    for (int set = 0; set < 2; set++) {
      boolean sti = set == 1;
      each(
          mode,
          (r, cpl, iopl, old, extension) -> {
            r.code(sti ? "fb" : "fa");
            boolean owns = mode == Mode.REAL || cpl <= iopl;
            // VME in virtual-8086 mode, PVI at CPL 3 elsewhere.
            boolean virtual = !owns && extension && cpl == 3;
            boolean pending = sti && (old & RFlags.VIP) != 0;
            boolean ok = owns || (virtual && !pending);
            r.begin();
            if (ok) {
              r.completes();
              int flag = owns ? RFlags.IF : RFlags.VIF;
              r.expected.set(CpuImage.FLAGS, sti ? old | flag : old & ~flag);
              boolean shadow = sti && owns && (old & RFlags.IF) == 0;
              r.expected.set(CpuImage.SHADOW, shadow ? Cpu.Shadow.STI : Cpu.Shadow.NONE);
            }
            r.run(
                t,
                () -> title(sti ? "sti" : "cli", cpl, iopl, old, extension),
                ok ? "-" : "#GP(0)");
          });
    }
    t.done(2 * cases(mode));
  }

  @ParameterizedTest
  @EnumSource
  void pushf(Mode mode) {
    Table t = new Table("PUSHF, " + mode);
    for (int bits : new int[] {16, mode.wide()}) {
      each(
          mode,
          (r, cpl, iopl, old, extension) -> {
            r.code(code(mode, bits, "9c"));
            boolean virtual = mode == Mode.VIRTUAL && iopl < 3;
            boolean ok = !virtual || (extension && bits == 16);
            r.begin();
            if (ok) {
              r.completes();
              int pushed = old & ~(RFlags.VM | RFlags.RF);
              if (virtual) {
                pushed = pushed & ~RFlags.IF | RFlags.IOPL;
                pushed |= (old & RFlags.VIF) != 0 ? RFlags.IF : 0;
              }
              r.expected.v[Reg.RSP] -= bits / 8;
              r.expect(r.expected.v[Reg.RSP], bits / 8, pushed);
            }
            r.run(t, () -> title("pushf" + bits, cpl, iopl, old, extension), ok ? "-" : "#GP(0)");
          });
    }
    t.done(2 * cases(mode));
  }

  @ParameterizedTest
  @EnumSource
  void popf(Mode mode) {
    Table t = new Table("POPF, " + mode);
    for (int bits : new int[] {16, mode.wide()}) {
      each(
          mode,
          (r, cpl, iopl, old, extension) -> {
            r.code(code(mode, bits, "9d"));
            for (int n = 0; n < 1 << BITS.length; n++) {
              int image = image(n);
              r.put(r.start.v[Reg.RSP], bits / 8, image);
              boolean virtual = mode == Mode.VIRTUAL && iopl < 3;
              boolean ok = !virtual || (extension && bits == 16 && virtualFlagsOk(old, image));
              r.begin();
              if (ok) {
                r.completes();
                r.expected.v[Reg.RSP] += bits / 8;
                r.expected.set(CpuImage.FLAGS, popped(mode, bits, cpl, iopl, old, image));
              }
              r.run(
                  t,
                  () -> title("popf" + bits + " " + image, cpl, iopl, old, extension),
                  ok ? "-" : "#GP(0)");
            }
          });
    }
    t.done(2 * cases(mode) << BITS.length);
  }

  /** The virtual machine may not set TF, nor enable interrupts while one is pending. */
  private static boolean virtualFlagsOk(int old, int image) {
    boolean pending = (old & RFlags.VIP) != 0 && (image & RFlags.IF) != 0;
    return !pending && (image & RFlags.TF) == 0;
  }

  /** Table 4-16. */
  private static int popped(Mode mode, int bits, int cpl, int iopl, int old, int image) {
    int from = RFlags.STATUS | RFlags.TF | RFlags.DF | RFlags.NT;
    if (bits > 16) {
      from |= RFlags.AC | RFlags.ID;
    }
    if (mode == Mode.VIRTUAL && iopl < 3) {
      int vif = (image & RFlags.IF) != 0 ? RFlags.VIF : 0;
      return old & ~(from | RFlags.VIF) | image & from | vif;
    }
    if (mode == Mode.REAL || cpl <= iopl) {
      from |= RFlags.IF;
    }
    if (mode != Mode.VIRTUAL && cpl == 0) {
      from |= RFlags.IOPL;
    }
    return old & ~from | image & from;
  }

  /** IRET to the same level: what of the image arrives. NMIs are unblocked in every case. */
  @ParameterizedTest
  @EnumSource
  void iret(Mode mode) {
    Table t = new Table("IRET, flags, " + mode);
    int[] counted = {0};
    for (int bits : new int[] {16, 32, 64}) {
      if (bits > mode.wide()) {
        continue;
      }
      each(
          mode,
          (r, cpl, iopl, old, extension) -> {
            boolean rexW = bits == 64;
            String opcode = rexW ? "48 cf" : "cf";
            r.code(
                bits == 32 && mode == Mode.LONG ? "cf" : rexW ? opcode : code(mode, bits, opcode));
            r.start.set(CpuImage.NMI_BLOCKED, 1);
            for (int n = 0; n < 1 << BITS.length; n++) {
              int image = image(n);
              boolean toVirtual =
                  mode == Mode.PROTECTED && bits == 32 && cpl == 0 && (image & RFlags.VM) != 0;
              if (toVirtual) {
                // Its table is Virtual8086TableTest.
                continue;
              }
              counted[0]++;
              frame(r, mode, bits, cpl, image);
              boolean virtual = mode == Mode.VIRTUAL && iopl < 3;
              boolean ok = !virtual || (extension && bits == 16 && virtualFlagsOk(old, image));
              r.begin();
              r.expected.set(CpuImage.NMI_BLOCKED, 0);
              if (ok) {
                r.expected.set(CpuImage.RIP, 0x40);
                r.expected.v[Reg.RSP] += (mode == Mode.LONG ? 5L : 3L) * (bits / 8);
                r.expected.set(CpuImage.FLAGS, returned(mode, bits, cpl, iopl, old, image));
              }
              r.run(
                  t,
                  () -> title("iret" + bits + " " + image, cpl, iopl, old, extension),
                  ok ? "-" : "#GP(0)");
            }
          });
    }
    t.done(counted[0]);
  }

  private static void frame(Rig r, Mode mode, int bits, int cpl, int image) {
    int w = bits / 8;
    long sp = r.start.v[Reg.RSP];
    r.put(sp, w, 0x40);
    r.put(sp + w, w, r.start.v[CpuImage.seg(Reg.CS, CpuImage.SELECTOR)]);
    r.put(sp + 2L * w, w, image);
    if (mode == Mode.LONG) {
      r.put(sp + 3L * w, w, sp + 5L * w);
      r.put(sp + 4L * w, w, r.start.v[CpuImage.seg(Reg.SS, CpuImage.SELECTOR)]);
    }
    if (mode != Mode.REAL && mode != Mode.VIRTUAL) {
      // Descriptors of the level that the rig is at.
      int flags = mode == Mode.LONG ? 0xa000 : 0xc000;
      int cs = mode == Mode.LONG ? FakeMachine.CODE64 : FakeMachine.CODE32;
      r.m.descriptor(cs, 0, 0xfffff, flags | 0x9b | cpl << 5);
      r.m.descriptor(FakeMachine.DATA, 0, 0xfffff, 0xc093 | cpl << 5);
    }
  }

  private static int returned(Mode mode, int bits, int cpl, int iopl, int old, int image) {
    int from = RFlags.STATUS | RFlags.TF | RFlags.DF | RFlags.NT;
    if (bits > 16) {
      from |= RFlags.RF | RFlags.AC | RFlags.ID;
    }
    if (mode == Mode.VIRTUAL && iopl < 3) {
      int vif = (image & RFlags.IF) != 0 ? RFlags.VIF : 0;
      return old & ~(from | RFlags.VIF) | image & from | vif;
    }
    if (mode == Mode.REAL || cpl <= iopl) {
      from |= RFlags.IF;
    }
    if (mode != Mode.VIRTUAL && cpl == 0) {
      from |= RFlags.IOPL;
      // Real mode keeps VIF and VIP: the mask 1A0000H.
      from |= bits > 16 && mode != Mode.REAL ? RFlags.VIF | RFlags.VIP : 0;
    }
    return old & ~from | image & from;
  }
}
