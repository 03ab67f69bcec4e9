package org.quern.tests.tables;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.tests.conformance.GuestMachine;
import org.quern.tests.conformance.GuestResult;
import org.quern.x86.asm.Assembler;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;

/**
 * Data and I/O breakpoints: every length and alignment of the breakpoint against every size and
 * alignment of the access, in loops that are translated. Source: SDM vol. 3B, 17.2.4 and 17.2.5.
 */
class BreakpointGuestTest {
  private static final long HANDLER = 0x9000;
  private static final long IDT = 0x4000;
  private static final long RESULTS = 0x300000;
  private static final long BASE = 0x400000;
  private static final long PORT = 0x80;
  private static final int PASSES = 3;

  /** R11 gets the breakpoints that were hit. */
  private static final String DEBUG_EXCEPTION =
      """
      mov r11, dr6
      mov ecx, 0xffff0ff0
      mov dr6, rcx
      iretq
      """;

  private static final String[] REGISTERS = {"al", "ax", "eax", "rax"};

  /** One access of the program. */
  private record Access(boolean write, int offset, int size) {}

  private final List<String> wrong = new ArrayList<>();
  private int cases;

  private static List<Access> accesses(int offsets, int sizes) {
    List<Access> all = new ArrayList<>();
    for (int offset = 0; offset < offsets; offset++) {
      for (int size = 0; size < sizes; size++) {
        all.add(new Access(false, offset, 1 << size));
        all.add(new Access(true, offset, 1 << size));
      }
    }
    return all;
  }

  private static String program(List<Access> accesses, boolean ports) {
    StringBuilder s = new StringBuilder("pass: mov esi, " + RESULTS + "\n");
    for (Access a : accesses) {
      String r = REGISTERS[Integer.numberOfTrailingZeros(a.size)];
      String place = ports ? "dx" : "[rdi + " + a.offset + "]";
      String mnemonic = ports ? a.write ? "out" : "in" : "mov";
      if (ports) {
        s.append("mov edx, ").append(PORT + a.offset).append('\n');
      }
      s.append(mnemonic).append(' ').append(a.write ? place + ", " + r : r + ", " + place);
      s.append("\ncall note\n");
    }
    return s
        + """
          dec r13d
          jne pass
          hlt
          note: mov [rsi], r11d
          add rsi, 4
          xor r11d, r11d
          ret
          """;
  }

  private static GuestMachine machine(Engine engine, byte[] program) throws Exception {
    GuestMachine m = engine.machine();
    m.bus.write(GuestMachine.CODE, program);
    m.bus.write(HANDLER, Assembler.assemble(DEBUG_EXCEPTION, 64, HANDLER).bytes());
    m.bus.write64(IDT + 16L * Vector.DB, HANDLER | GuestMachine.CODE64 << 16 | 0x8e0000000000L);
    m.reg(13, PASSES).reg(Reg.RDI, BASE);
    return m;
  }

  private static int length(int len) {
    return len == 2 ? 8 : len + 1;
  }

  private void run(
      GuestMachine m, int n, int rw, int len, long address, List<Access> accesses, long base) {
    GuestResult r = m.run();
    assertThat(r.vector()).isEqualTo(-1);
    long start = address & -length(len);
    for (int i = 0; i < accesses.size(); i++) {
      Access a = accesses.get(i);
      boolean kind = rw == 3 || rw == 2 || (rw == 1 && a.write);
      long at = base + a.offset;
      boolean overlap = at < start + length(len) && start < at + a.size;
      int expected = kind && overlap && (m.start.dr[7] >> 2 * n & 3) != 0 ? 1 << n : 0;
      int got = (int) m.bus.read64(RESULTS + 4L * i) & 15;
      cases++;
      if (got != expected && wrong.size() < 20) {
        wrong.add(
            String.format(
                "DR%d=%x R/W %d LEN %d %s: expected %x but was %x",
                n, address, rw, len, a, expected, got));
      }
    }
  }

  private void done(String name, int expectedCases) {
    System.out.println("table: " + name + ": " + cases + " cases");
    assertThat(wrong).isEmpty();
    assertThat(cases).isEqualTo(expectedCases);
  }

  @ParameterizedTest
  @EnumSource
  void data_breakpoints(Engine engine) throws Exception {
    List<Access> accesses = accesses(20, 4);
    String source = program(accesses, false);
    byte[] program = Assembler.assemble(source, 64, GuestMachine.CODE).bytes();
    assertThat(GuestMachine.CODE + program.length).isLessThan(HANDLER);
    int runs = 0;
    for (int rw = 1; rw <= 3; rw += 2) {
      for (int len = 0; len < 4; len++) {
        for (int offset = 4; offset < 12; offset++) {
          // Each register and each of L, G, neither in turn.
          int n = runs & 3;
          int enable = runs % 5 == 0 ? 0 : 1 + runs % 3;
          GuestMachine m = machine(engine, program);
          m.start.dr[n] = BASE + offset;
          m.start.dr[7] = 0x400 | (long) (rw | len << 2) << 16 + 4 * n | (long) enable << 2 * n;
          run(m, n, rw, len, BASE + offset, accesses, BASE);
          runs++;
        }
      }
    }
    done("data breakpoints in guest code, " + engine, runs * accesses.size());
  }

  @ParameterizedTest
  @EnumSource
  void io_breakpoints(Engine engine) throws Exception {
    List<Access> accesses = accesses(16, 3);
    String source = program(accesses, true);
    byte[] program = Assembler.assemble(source, 64, GuestMachine.CODE).bytes();
    assertThat(GuestMachine.CODE + program.length).isLessThan(HANDLER);
    int runs = 0;
    for (int len : new int[] {0, 1, 3}) {
      for (int offset = 4; offset < 12; offset++) {
        int n = runs & 3;
        GuestMachine m = machine(engine, program);
        m.start.cr4 |= Cr.CR4_DE;
        m.start.dr[n] = PORT + offset;
        m.start.dr[7] = 0x400 | (2L | len << 2) << 16 + 4 * n | 2L << 2 * n;
        run(m, n, 2, len, PORT + offset, accesses, PORT);
        runs++;
      }
    }
    done("I/O breakpoints in guest code, " + engine, runs * accesses.size());
  }
}
