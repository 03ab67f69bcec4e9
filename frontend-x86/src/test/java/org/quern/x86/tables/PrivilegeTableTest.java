package org.quern.x86.tables;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;
import org.quern.x86.tables.Rig.Env;

/**
 * Who may run which system instruction: CPL, virtual-8086 mode, and the bits of CR4 that open or
 * close instructions to programs. Source: SDM vol. 3A, 2.8 and 5.9; each instruction in vol. 2.
 */
class PrivilegeTableTest {
  /** Instructions for CPL 0 only, with operands that are right; [ESI] or [RSI] is memory. */
  private static final String[][] PRIVILEGED = {
    {"hlt", "f4"},
    {"clts", "0f 06"},
    {"invd", "0f 08"},
    {"wbinvd", "0f 09"},
    {"invlpg [esi]", "0f 01 3e"},
    {"lgdt [esi]", "0f 01 16"},
    {"lidt [esi]", "0f 01 1e"},
    {"lldt ax", "0f 00 d0"},
    {"lmsw bx", "0f 01 f3"},
    {"mov eax, cr0", "0f 20 c0"},
    {"mov eax, cr2", "0f 20 d0"},
    {"mov eax, cr3", "0f 20 d8"},
    {"mov eax, cr4", "0f 20 e0"},
    {"mov cr2, eax", "0f 22 d0"},
    {"mov eax, dr0", "0f 21 c0"},
    {"mov eax, dr7", "0f 21 f8"},
    {"mov dr0, eax", "0f 23 c0"},
    {"rdmsr", "0f 32"},
    {"wrmsr", "0f 30"},
    {"invpcid eax, [esi]", "66 0f 38 82 06"},
  };

  private static final long MEMORY = 0x6000;

  private static Rig rig(FakeMachine m, Env env) {
    Rig r = Rig.on(m, env);
    r.watch(MEMORY, 16);
    r.gpr(Reg.RSI, MEMORY);
    r.gpr(Reg.RCX, 0x174);
    r.gpr(Reg.RBX, 1);
    r.start.set(CpuImage.CR4, r.start.v[CpuImage.CR4] & ~Cr.CR4_PCIDE);
    return r;
  }

  @ParameterizedTest
  @EnumSource
  void instructions_of_cpl_0(Env env) {
    Table t = new Table("instructions of CPL 0, " + env);
    Rig r = Rig.of(env);
    r.gpr(Reg.RSI, MEMORY);
    r.gpr(Reg.RCX, 0x174);
    r.gpr(Reg.RBX, 1);
    r.watch(MEMORY, 16);
    for (String[] i : PRIVILEGED) {
      r.code(i[1]);
      for (int cpl = 0; cpl < 4; cpl++) {
        r.level(cpl);
        r.begin();
        if (cpl == 0) {
          r.anyState();
        }
        String title = i[0] + " cpl " + cpl;
        r.run(t, () -> title, cpl == 0 ? "-" : "#GP(0)");
      }
    }
    t.done(PRIVILEGED.length * 4);
  }

  /** In virtual-8086 mode they are #GP(0), but for the two that need protected mode at all. */
  @Test
  void instructions_of_cpl_0_in_virtual_8086_mode() {
    Table t = new Table("instructions of CPL 0 in virtual-8086 mode");
    for (int iopl = 0; iopl < 4; iopl++) {
      Rig r = rig(FakeMachine.protected32().v86(iopl), Env.PROTECTED32);
      for (String[] i : PRIVILEGED) {
        r.code(i[1]);
        r.begin();
        String title = i[0] + " iopl " + iopl;
        r.run(t, () -> title, i[0].startsWith("lldt") ? "#UD" : "#GP(0)");
      }
    }
    t.done(4 * PRIVILEGED.length);
  }

  /** SGDT, SIDT, SLDT, STR, SMSW: open to all but for UMIP. */
  @ParameterizedTest
  @EnumSource
  void umip(Env env) {
    Table t = new Table("UMIP, " + env);
    String[] codes = {
      "0f 01 06", "0f 01 0e", "0f 00 c0", "0f 00 c8", "0f 01 e0", "0f 00 06", "0f 00 0e", "0f 01 26"
    };
    Rig r = Rig.of(env);
    r.gpr(Reg.RSI, MEMORY);
    for (String code : codes) {
      r.code(code);
      for (int cpl = 0; cpl < 4; cpl++) {
        for (int umip = 0; umip < 2; umip++) {
          r.level(cpl);
          long cr4 = r.start.v[CpuImage.CR4] & ~Cr.CR4_UMIP;
          r.start.set(CpuImage.CR4, umip == 1 ? cr4 | Cr.CR4_UMIP : cr4);
          boolean denied = cpl != 0 && umip == 1;
          r.begin();
          if (!denied) {
            r.anyState();
          }
          r.run(t, () -> code, denied ? "#GP(0)" : "-");
        }
      }
    }
    t.done(codes.length * 8);
  }

  /** RDTSC and RDTSCP under CR4.TSD; RDPMC without counters is #GP(0) everywhere. */
  @ParameterizedTest
  @EnumSource
  void time_stamp_disable(Env env) {
    Table t = new Table("TSD, " + env);
    Rig r = Rig.of(env);
    for (String code : new String[] {"0f 31", "0f 01 f9"}) {
      r.code(code);
      for (int cpl = 0; cpl < 4; cpl++) {
        for (int tsd = 0; tsd < 2; tsd++) {
          r.level(cpl);
          long cr4 = r.start.v[CpuImage.CR4] & ~Cr.CR4_TSD;
          r.start.set(CpuImage.CR4, tsd == 1 ? cr4 | Cr.CR4_TSD : cr4);
          boolean denied = cpl != 0 && tsd == 1;
          r.begin();
          if (!denied) {
            r.anyState();
          }
          r.run(t, () -> code, denied ? "#GP(0)" : "-");
        }
      }
    }
    t.done(16);
  }

  /**
   * Descriptor-table registers: limits and bases of every width, in 64-bit mode canonical in 57
   * bits whatever CR4.LA57 is.
   */
  @ParameterizedTest
  @EnumSource
  void lgdt_and_lidt(Env env) {
    Table t = new Table("LGDT and LIDT, " + env);
    Rig r = Rig.of(env);
    r.watch(MEMORY, 16);
    r.gpr(Reg.RSI, MEMORY);
    long[] bases = {
      0,
      0xffffff,
      0x1000000,
      0xffffffffL,
      0x100000000L,
      0x7fffffffffffL,
      0x800000000000L,
      0xffff7fffffffffffL,
      0xffff800000000000L,
      0x100000000000000L,
      0xfeffffffffffffffL,
      -1
    };
    boolean wide = env == Env.LONG64;
    for (int idt = 0; idt < 2; idt++) {
      for (int narrow = 0; narrow < 2; narrow++) {
        r.code((narrow == 1 ? "66 " : "") + (idt == 1 ? "0f 01 1e" : "0f 01 16"));
        for (long base : bases) {
          for (int limit : new int[] {0, 1, 0x7fff, 0xffff}) {
            r.put(MEMORY, 2, limit);
            r.put(MEMORY + 2, 8, base);
            boolean bad = wide && base >> 56 != 0 && base >> 56 != -1;
            r.begin();
            if (!bad) {
              r.completes();
              // In 64-bit mode the operand size says nothing.
              long loaded = wide ? base : base & (narrow == 1 ? 0xffffff : 0xffffffffL);
              r.expected.set(idt == 1 ? CpuImage.IDT_BASE : CpuImage.GDT_BASE, loaded);
              r.expected.set(idt == 1 ? CpuImage.IDT_LIMIT : CpuImage.GDT_LIMIT, limit);
            }
            r.run(t, () -> "base " + Long.toHexString(base), bad ? "#GP(0)" : "-");
          }
        }
      }
    }
    t.done(2 * 2 * bases.length * 4);
  }

  // ---- I/O

  /** IN and OUT of each width: CPL against IOPL, then each bit of the map. */
  @ParameterizedTest
  @EnumSource
  void io_permission(Env env) {
    Table t = new Table("I/O permission bitmap, " + env);
    Rig r = Rig.of(env);
    r.watch(FakeMachine.TSS + 0x60, 0x30);
    int map = 0x70;
    r.put(FakeMachine.TSS + 0x66, 2, map);
    int[] sizes = {1, 2, 4};
    for (int size : sizes) {
      for (int out = 0; out < 2; out++) {
        r.code(size == 2 ? out == 1 ? "66 ef" : "66 ed" : code(size, out == 1));
        for (int n = 0; n < 16; n++) {
          int cpl = n & 3;
          int iopl = n >> 2;
          r.level(cpl);
          r.start.set(CpuImage.FLAGS, RFlags.FIXED | iopl << 12);
          for (int port = 0; port < 24; port++) {
            for (int denied = 0; denied < 32; denied++) {
              long bits = 1L << denied;
              r.put(FakeMachine.TSS + map, 4, bits);
              boolean hit = denied >= port && denied < port + size;
              io(t, r, size, out == 1, port, cpl > iopl && hit, "bit " + denied);
            }
          }
        }
      }
    }
    t.done(3 * 2 * 16 * 24 * 32);
  }

  private static String code(int size, boolean out) {
    return size == 1 ? out ? "ee" : "ec" : out ? "ef" : "ed";
  }

  private static void io(
      Table t, Rig r, int size, boolean out, int port, boolean denied, String what) {
    r.gpr(Reg.RDX, port);
    r.gpr(Reg.RAX, 0x1122334455667788L);
    r.m.bus.ports.put(port, 0x12345678);
    r.m.bus.portAccesses.clear();
    r.begin();
    if (!denied) {
      r.completes();
      if (!out) {
        long mask = size == 4 ? -1 : (1L << 8 * size) - 1;
        long read = 0x12345678L & (size == 4 ? 0xffffffffL : mask);
        r.expected.set(Reg.RAX, 0x1122334455667788L & ~mask | read);
      }
    }
    r.run(
        t,
        () -> String.format("%s %d port %x %s", out ? "out" : "in", size, port, what),
        denied ? "#GP(0)" : "-");
    t.same(() -> what + ", accesses", denied ? 0 : 1, r.m.bus.portAccesses.size());
  }

  /** Maps that end early: both bytes that are read must lie within the TSS. */
  @ParameterizedTest
  @EnumSource
  void io_map_limits(Env env) {
    Table t = new Table("I/O permission bitmap, TSS limits, " + env);
    Rig r = Rig.of(env);
    r.watch(FakeMachine.TSS + 0x60, 0x30);
    r.level(3);
    int limit = CpuImage.seg(CpuImage.TR, CpuImage.LIMIT);
    for (int map : new int[] {0, 0x68, 0x70, 0xffff}) {
      r.put(FakeMachine.TSS + 0x66, 2, map);
      for (int end = 0x60; end < 0x80; end++) {
        r.start.set(limit, end);
        for (int port = 0; port < 64; port += 7) {
          int at = map + (port >> 3);
          boolean outside = end < 0x67 || at + 1 > end;
          r.code("ec");
          // What lies in the TSS there is all zero, but for the map's own address.
          boolean set = (r.m.bus.read(FakeMachine.TSS + at, 2) >> (port & 7) & 1) != 0;
          io(t, r, 1, false, port, outside || set, "map " + map + " limit " + end);
        }
      }
    }
    t.done(4 * 32 * 10);
  }

  /** A 16-bit TSS has no map; virtual-8086 mode asks the map whatever IOPL is. */
  @Test
  void io_without_a_map_and_in_virtual_8086_mode() {
    Table t = new Table("I/O with a 16-bit TSS and in virtual-8086 mode");
    for (int iopl = 0; iopl < 4; iopl++) {
      for (int wide = 0; wide < 2; wide++) {
        for (int virtual = 0; virtual < 2; virtual++) {
          for (int open = 0; open < 2; open++) {
            FakeMachine m = FakeMachine.protected32();
            Rig r = virtual == 1 ? Rig.on(m.v86(iopl), Env.PROTECTED32) : Rig.of(Env.PROTECTED32);
            if (virtual == 0) {
              r.level(3);
              r.start.set(CpuImage.FLAGS, RFlags.FIXED | iopl << 12);
            }
            r.watch(FakeMachine.TSS + 0x60, 0x30);
            r.put(FakeMachine.TSS + 0x66, 2, 0x70);
            r.put(FakeMachine.TSS + 0x70, 4, open == 1 ? 0 : 0x10);
            r.start.set(CpuImage.seg(CpuImage.TR, CpuImage.ATTR), wide == 1 ? 0x8b : 0x83);
            r.code("ec");
            boolean denied = (virtual == 1 || iopl < 3) && (wide == 0 || open == 0);
            io(t, r, 1, false, 4, denied, "iopl " + iopl);
          }
        }
      }
    }
    t.done(32);
  }
}
