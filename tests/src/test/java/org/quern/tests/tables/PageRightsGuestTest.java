package org.quern.tests.tables;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.tests.conformance.GuestMachine;
import org.quern.tests.conformance.GuestResult;
import org.quern.tests.conformance.TestBus;
import org.quern.x86.asm.Assembler;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/**
 * Rights of pages as loads, stores and calls of a loop see them: every combination at the last two
 * levels, with all controls, at both privileges, by the interpreter and by translated code with its
 * TLB checks in place. Source: SDM vol. 3A, 4.6.1 and 4.7.
 */
class PageRightsGuestTest {
  // Linear addresses: 2 MiB regions, mapped one to one below, the pages under test from WINDOW on.
  private static final long HANDLER = 0x9000;
  private static final long IDT = 0x4000;
  private static final long PROGRAM = 0x600000;
  private static final long RESULTS = 0x800000;
  private static final long EXPECTED = 0x810000;
  private static final long USER_STACK = 0x820000;
  private static final long TABLES = 0x200000;
  private static final long WINDOW = 0x8000000000L;

  /** Physical page of data, and one that holds RET. */
  private static final long DATA = 0x400000;

  private static final long CODE = 0x401000;

  private static final int REGIONS = 8;
  private static final int PAGES = 16;
  private static final int PASSES = 12;

  /** For each page: read, write, call; EDX is the error code or -1. RBX: page, R10: differences. */
  private static final String LOOP =
      """
      pass: xor ebx, ebx
      mov esi, RESULTS
      next: mov rax, rbx
      shr rax, 4
      shl rax, 21
      mov rcx, rbx
      and ecx, 15
      shl rcx, 13
      lea rdi, [rax + rcx]
      add rdi, r12
      mov r14, rsp
      mov edx, -1
      mov r15d, read
      mov eax, [rdi]
      read: call compare
      mov edx, -1
      mov r15d, written
      mov [rdi + 8], ebx
      written: call compare
      mov edx, -1
      mov r15d, called
      add rdi, 0x1000
      call rdi
      called: call compare
      inc ebx
      cmp ebx, 128
      jne next
      dec r13d
      jne pass
      hlt
      compare: mov [rsi], edx
      xor eax, eax
      cmp edx, [rsi + 0x10000]
      setne al
      add r10, rax
      add rsi, 4
      ret
      """;

  /** Goes on at R15 with the stack of R14. */
  private static final String PAGE_FAULT =
      """
      mov edx, [rsp]
      mov [rsp + 8], r15
      mov [rsp + 32], r14
      add rsp, 8
      iretq
      """;

  private static int expected(int access, boolean present, int rights, int control, boolean user) {
    boolean writable = (rights & 1) != 0;
    boolean userPage = (rights & 2) != 0;
    boolean noExecute = (rights & 4) != 0;
    boolean wp = (control & 1) != 0;
    boolean smep = (control & 2) != 0;
    boolean smap = (control & 4) != 0;
    boolean ac = (control & 8) != 0;
    boolean allowed;
    if (user) {
      allowed = userPage && (access == 0 || (access == 1 ? writable : !noExecute));
    } else if (access == 2) {
      allowed = !noExecute && !(userPage && smep);
    } else {
      allowed = !(userPage && smap && !ac) && (access == 0 || writable || !wp);
    }
    if (present && allowed) {
      return -1;
    }
    int code = access == 1 ? 2 : access == 2 ? 16 : 0;
    return code | (present ? 1 : 0) | (user ? 4 : 0);
  }

  private static long entry(long address, int rights, boolean present) {
    long e = address | (present ? 1 : 0);
    e |= (rights & 1) != 0 ? 2 : 0;
    e |= (rights & 2) != 0 ? 4 : 0;
    return (rights & 4) != 0 ? e | 1L << 63 : e;
  }

  /** Tables of the window and of what the program itself needs. */
  private static void map(TestBus bus, boolean user) {
    bus.write64(TABLES, TABLES + 0x1000 | 7);
    bus.write64(TABLES + 0x1000, TABLES + 0x2000 | 7);
    for (int region = 0; region < TestBus.RAM_BYTES >> 21; region++) {
      boolean open = user && region >= PROGRAM >> 21;
      bus.write64(TABLES + 0x2000 + 8L * region, (long) region << 21 | 0x83 | (open ? 4 : 0));
    }
    bus.write64(TABLES + 8, TABLES + 0x3000 | 7);
    bus.write64(TABLES + 0x3000, TABLES + 0x4000 | 7);
    for (int region = 0; region < REGIONS; region++) {
      long table = TABLES + 0x5000 + 0x1000L * region;
      bus.write64(TABLES + 0x4000 + 8L * region, entry(table, region, true));
      for (int page = 0; page < PAGES; page++) {
        boolean present = page < 8;
        bus.write64(table + 16L * page, entry(DATA, page & 7, present));
        bus.write64(table + 16L * page + 8, entry(CODE, page & 7, present));
      }
    }
  }

  /** What the two levels allow together: R/W and U/S only if both say so, XD if either does. */
  private static int both(int region, int page) {
    return region & page & 3 | (region | page) & 4;
  }

  private static GuestMachine machine(Engine engine, int control, boolean user) throws Exception {
    GuestMachine m = engine.machine();
    map(m.bus, user);
    String source = LOOP.replace("RESULTS", "" + RESULTS);
    m.bus.write(PROGRAM, Assembler.assemble(source, 64, PROGRAM).bytes());
    m.bus.write(HANDLER, Assembler.assemble(PAGE_FAULT, 64, HANDLER).bytes());
    m.bus.write64(IDT + 16L * Vector.PF, HANDLER | GuestMachine.CODE64 << 16 | 0x8e0000000000L);
    m.bus.write(CODE, new byte[] {(byte) 0xc3});
    m.start.cr3 = TABLES;
    m.start.cr0 = m.start.cr0 & ~Cr.CR0_WP | ((control & 1) != 0 ? Cr.CR0_WP : 0);
    m.start.cr4 |= (control & 2) != 0 ? Cr.CR4_SMEP : 0;
    m.start.cr4 |= (control & 4) != 0 ? Cr.CR4_SMAP : 0;
    m.start.rflags = RFlags.FIXED | ((control & 8) != 0 ? RFlags.AC : 0);
    m.start.rip = PROGRAM;
    m.reg(12, WINDOW).reg(13, PASSES).reg(Reg.RSP, USER_STACK);
    if (user) {
      m.start.seg[Reg.CS].set(GuestMachine.USER_CODE64, 0, -1, 0xa0fb, true);
      m.start.seg[Reg.SS].set(GuestMachine.USER_DATA32, 0, -1, 0xc0f3, true);
    }
    return m;
  }

  @ParameterizedTest
  @EnumSource
  void every_combination(Engine engine) throws Exception {
    int cases = 0;
    List<String> wrong = new ArrayList<>();
    for (int control = 0; control < 16; control++) {
      for (int level = 0; level < 2; level++) {
        boolean user = level == 1;
        GuestMachine m = machine(engine, control, user);
        int[] expected = new int[REGIONS * PAGES * 3];
        for (int i = 0; i < expected.length; i++) {
          int page = i / 3 % PAGES;
          int rights = both(i / 3 / PAGES, page & 7);
          expected[i] = expected(i % 3, page < 8, rights, control, user);
        }
        for (int i = 0; i < expected.length; i += 2) {
          m.bus.write64(
              EXPECTED + 4L * i, expected[i] & 0xffffffffL | (long) expected[i + 1] << 32);
        }
        GuestResult r = m.run();
        assertThat(r.vector()).as("HLT, which is #GP at CPL 3").isEqualTo(user ? Vector.GP : -1);
        for (int i = 0; i < expected.length; i++) {
          int got = (int) m.bus.read64(RESULTS + 4L * i);
          cases += PASSES;
          if (got != expected[i] && wrong.size() < 20) {
            wrong.add(
                String.format(
                    "control %d cpl %d page %d access %d: expected %x but was %x",
                    control, level * 3, i / 3, i % 3, expected[i], got));
          }
        }
        // Every pass compares, also those before the last.
        assertThat(r.reg(10)).as("differences, control %d cpl %d", control, level * 3).isZero();
      }
    }
    System.out.println("table: page rights in guest code, " + engine + ": " + cases + " cases");
    assertThat(wrong).isEmpty();
    assertThat(cases).isEqualTo(16 * 2 * REGIONS * PAGES * 3 * PASSES);
  }
}
