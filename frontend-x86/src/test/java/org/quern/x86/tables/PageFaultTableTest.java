package org.quern.x86.tables;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;
import org.quern.x86.tables.Rig.Env;

/**
 * Page faults in the middle of system instructions: each page that one touches is taken away or
 * made read-only in turn. The fault must name the first access to it, with the right privilege
 * (tables are accessed as a supervisor whatever CPL is: SDM vol. 3A, 4.6), and nothing may have
 * changed. The order of accesses is that of the operation sections in SDM vol. 2.
 */
class PageFaultTableTest {
  private static final int SEGMENT = 0x50;
  private static final int LDT_SEGMENT = 0x14;
  private static final int CODE = 0x78;
  private static final int GATE = 0x80;
  private static final int OUTER_CODE = 0x90;
  private static final int OUTER_STACK = 0x98;
  private static final int SYSTEM = 0xa0;
  private static final int NEW_TSS = 0xb0;
  private static final long NEW_TSS_BASE = 0xc000;
  private static final long POINTER = 0x6000;
  private static final long IDT_GATE = 0x42;
  private static final long TABLES = 0x110000;
  private static final long STACK = FakeMachine.STACK0;
  private static final long INNER = 0x7100;

  /** The current stack: pushes go to the page below {@link #STACK}, pops come from its own. */
  private static final long OWN_STACK = 0xe000;

  private static final long GDT = FakeMachine.GDT;
  private static final long[] PAGES = {
    GDT,
    FakeMachine.IDT,
    FakeMachine.TSS,
    Rig.LDT,
    POINTER,
    INNER & -4096,
    OWN_STACK - 0x1000,
    OWN_STACK,
    NEW_TSS_BASE
  };

  /** One access of an instruction. */
  private record Touch(long address, boolean write, boolean user) {}

  /** An instruction with its accesses in order. */
  private static final class Row {
    final String name;
    final String code;
    final int cpl;
    final List<Touch> touches = new ArrayList<>();

    /** Selector in AX and in the pointer at [ESI]. */
    int selector = SEGMENT;

    Row(String name, String code, int cpl) {
      this.name = name;
      this.code = code;
      this.cpl = cpl;
    }

    Row selector(int s) {
      selector = s;
      return this;
    }

    /** A read by the program itself. */
    Row reads(long address) {
      touches.add(new Touch(address, false, cpl == 3));
      return this;
    }

    Row writes(long address) {
      touches.add(new Touch(address, true, cpl == 3));
      return this;
    }

    Row readsTable(long address) {
      touches.add(new Touch(address, false, false));
      return this;
    }

    Row writesTable(long address) {
      touches.add(new Touch(address, true, false));
      return this;
    }
  }

  private static List<Row> rows(Env env) {
    boolean wide = env == Env.LONG64;
    long word = wide ? 8 : 4;
    long gate = FakeMachine.IDT + IDT_GATE * (wide ? 16 : 8);
    long accessed = GDT + SEGMENT + 5;
    List<Row> all = new ArrayList<>();
    for (int cpl = 0; cpl <= 3; cpl += 3) {
      all.add(new Row("mov ds, ax", "8e d8", cpl).readsTable(GDT + SEGMENT).writesTable(accessed));
      all.add(
          new Row("mov ds, ax from the LDT", "8e d8", cpl)
              .selector(LDT_SEGMENT | cpl)
              .readsTable(Rig.LDT + (LDT_SEGMENT & ~7))
              .writesTable(Rig.LDT + (LDT_SEGMENT & ~7) + 5));
      all.add(new Row("lar ecx, ax", "0f 02 c8", cpl).readsTable(GDT + SEGMENT));
      all.add(new Row("lsl ecx, ax", "0f 03 c8", cpl).readsTable(GDT + SEGMENT));
      all.add(new Row("verr ax", "0f 00 e0", cpl).readsTable(GDT + SEGMENT));
      all.add(new Row("verw ax", "0f 00 e8", cpl).readsTable(GDT + SEGMENT));
      all.add(
          new Row("lfs ecx, [esi]", "0f b4 0e", cpl)
              .reads(POINTER)
              .readsTable(GDT + SEGMENT)
              .writesTable(accessed));
      all.add(
          new Row("pop fs", "0f a1", cpl)
              .reads(OWN_STACK)
              .readsTable(GDT + SEGMENT)
              .writesTable(accessed));
      all.add(new Row("sldt [esi]", "0f 00 06", cpl).writes(POINTER));
      all.add(new Row("sgdt [esi]", "0f 01 06", cpl).writes(POINTER));
      int code = cpl == 0 ? CODE : OUTER_CODE;
      all.add(
          new Row("jmp far [esi]", "ff 2e", cpl)
              .selector(code | cpl)
              .reads(POINTER)
              .readsTable(GDT + code)
              .writesTable(GDT + code + 5));
      all.add(
          new Row("call far [esi]", "ff 1e", cpl)
              .selector(code | cpl)
              .reads(POINTER)
              .readsTable(GDT + code)
              .writes(OWN_STACK - 4)
              .writesTable(GDT + code + 5));
    }
    all.add(new Row("lldt ax", "0f 00 d0", 0).selector(SYSTEM).readsTable(GDT + SYSTEM));
    all.add(
        new Row("ltr ax", "0f 00 d8", 0)
            .selector(NEW_TSS)
            .readsTable(GDT + NEW_TSS)
            .writesTable(GDT + NEW_TSS + 5));
    Row interrupt = new Row("int 42h from CPL 3", "cd 42", 3).readsTable(gate);
    Row call = new Row("call a gate from CPL 3", "ff 1e", 3).selector(GATE | 3).reads(POINTER);
    call.readsTable(GDT + GATE);
    for (Row r : List.of(interrupt, call)) {
      r.readsTable(GDT + CODE).readsTable(FakeMachine.TSS + 4);
      if (!wide) {
        r.readsTable(GDT + InnerStacks.SLOT);
      }
      long top = InnerStacks.top(0);
      r.writesTable(top - word).writesTable(GDT + CODE + 5);
      all.add(r);
    }
    all.add(
        new Row("int 42h at CPL 0", "cd 42", 0)
            .readsTable(gate)
            .readsTable(GDT + CODE)
            .writes(OWN_STACK - word)
            .writesTable(GDT + CODE + 5));
    String size = wide ? "48 " : "";
    for (String ret : new String[] {"cf", "cb"}) {
      Row r = new Row(ret.equals("cf") ? "iret to CPL 3" : "retf to CPL 3", size + ret, 0);
      r.reads(OWN_STACK).readsTable(GDT + OUTER_CODE).readsTable(GDT + OUTER_STACK);
      all.add(r.writesTable(GDT + OUTER_CODE + 5));
    }
    if (!wide) {
      all.add(
          new Row("jmp to a TSS", "ff 2e", 0)
              .selector(NEW_TSS)
              .reads(POINTER)
              .readsTable(GDT + NEW_TSS)
              .readsTable(NEW_TSS_BASE)
              .writesTable(FakeMachine.TSS + 32)
              .writesTable(GDT + FakeMachine.TSS_SELECTOR + 5));
    }
    return all;
  }

  private static Rig rig(Env env, Row row) {
    Rig r = Rig.of(env);
    boolean wide = env == Env.LONG64;
    r.watch(GDT, 0x200);
    r.watch(Rig.LDT, 0x40);
    r.watch(POINTER, 16);
    r.watch(OWN_STACK - 64, 128);
    r.watch(NEW_TSS_BASE, 0x68);
    InnerStacks.prepare(r);
    long flags = wide ? 0x2000 : 0x4000;
    int code = (int) flags;
    r.put(GDT + SEGMENT, 8, Fields.descriptor(0, 0xffff, 0xf2));
    r.put(Rig.LDT + (LDT_SEGMENT & ~7), 8, Fields.descriptor(0, 0xffff, 0xf2));
    r.put(GDT + CODE, 8, Fields.descriptor(0, 0xfffff, 0x9a | code));
    r.put(GDT + OUTER_CODE, 8, Fields.descriptor(0, 0xfffff, 0xfa | code));
    r.put(GDT + OUTER_STACK, 8, Fields.descriptor(0, 0xfffff, 0xc0f2));
    r.put(GDT + GATE, 8, FakeMachine.encodeGate(0xec, CODE, 0x1234, 0));
    r.put(GDT + SYSTEM, 8, Fields.descriptor(0x5000, 0xff, 0x82));
    r.put(GDT + NEW_TSS, 8, Fields.descriptor(NEW_TSS_BASE, 0x67, 0x89));
    r.put(NEW_TSS_BASE + 28, 4, TABLES);
    r.put(NEW_TSS_BASE + 36, 4, RFlags.FIXED);
    r.put(NEW_TSS_BASE + 56, 4, STACK);
    for (int s = 0; s < 6; s++) {
      int selector = s == Reg.CS ? FakeMachine.CODE32 : FakeMachine.DATA;
      r.put(NEW_TSS_BASE + 72 + 4L * s, 2, selector);
    }
    if (wide) {
      r.m.gate64((int) IDT_GATE, 0xee, CODE, 0x1234, 0);
    } else {
      r.m.gate((int) IDT_GATE, 0xee, CODE, 0x1234);
    }
    r.put(POINTER, 4, 0x1234);
    r.put(POINTER + 4, 2, row.selector);
    int w = wide ? 8 : 4;
    boolean iret = row.name.startsWith("iret");
    int[] frame =
        iret
            ? new int[] {0x1234, OUTER_CODE | 3, RFlags.FIXED, 0x9000, OUTER_STACK | 3}
            : new int[] {0x1234, OUTER_CODE | 3, 0x9000, OUTER_STACK | 3};
    for (int i = 0; i < frame.length; i++) {
      r.put(OWN_STACK + (long) w * i, w, frame[i]);
    }
    if (row.name.startsWith("pop")) {
      r.put(OWN_STACK, w, row.selector);
    }
    r.level(row.cpl);
    r.gpr(Reg.RAX, row.selector);
    r.gpr(Reg.RSI, POINTER);
    r.gpr(Reg.RSP, OWN_STACK);
    r.code(row.code);
    paging(r, wide);
    return r;
  }

  /** Pages of 4 KiB, one to one, over the first 2 MiB. */
  private static void paging(Rig r, boolean wide) {
    long table = wide ? TABLES + 0x3000 : TABLES + 0x1000;
    if (wide) {
      for (int level = 0; level < 3; level++) {
        r.m.bus.write(TABLES + 0x1000L * level, 8, TABLES + 0x1000L * (level + 1) | 7);
      }
    } else {
      r.m.bus.write(TABLES, 4, table | 7);
    }
    for (int page = 0; page < 512; page++) {
      r.m.bus.write(entry(wide, page * 4096L), wide ? 8 : 4, page * 4096L | rights(page * 4096L));
    }
    r.start.set(CpuImage.CR0, r.start.v[CpuImage.CR0] | Cr.CR0_PG | Cr.CR0_WP);
    r.start.set(CpuImage.CR3, TABLES);
  }

  private static long entry(boolean wide, long page) {
    return wide ? TABLES + 0x3000 + (page >> 9) : TABLES + 0x1000 + (page >> 10);
  }

  /** Tables and inner stacks are the supervisor's. */
  private static int rights(long page) {
    boolean system = page == GDT || page == FakeMachine.IDT || page == FakeMachine.TSS;
    system |= page == Rig.LDT || page == (INNER & -4096) || page == NEW_TSS_BASE;
    return system ? 3 : 7;
  }

  /** The first access of the row that the page does not allow any more. */
  private static String oracle(Row row, long page, boolean absent) {
    for (Touch t : row.touches) {
      if ((t.address & -4096) == page && (absent || t.write)) {
        int code = (absent ? 0 : 1) | (t.write ? 2 : 0) | (t.user ? 4 : 0);
        return String.format("#PF(%x)@%x", code, t.address);
      }
    }
    return "-";
  }

  @ParameterizedTest
  @EnumSource(names = {"PROTECTED32", "LONG64"})
  void every_page_of_every_instruction(Env env) {
    Table t = new Table("page faults inside system instructions, " + env);
    boolean wide = env == Env.LONG64;
    List<Row> rows = rows(env);
    for (Row row : rows) {
      Rig r = rig(env, row);
      for (long page : PAGES) {
        for (int absent = 0; absent < 2; absent++) {
          long at = entry(wide, page);
          long whole = r.m.bus.read(at, 4);
          r.m.bus.write(at, 4, absent == 1 ? whole & ~1 : whole & ~2);
          r.c.mmu.flushAll();
          String outcome = oracle(row, page, absent == 1);
          r.begin();
          if (outcome.equals("-")) {
            r.anyState();
          } else if (page == GDT && absent == 0) {
            // What lies below the stack pointer may have been written already.
            r.anyMemory();
          }
          String what = absent == 1 ? "absent" : "read-only";
          String title = String.format("%s cpl %d, %x %s", row.name, row.cpl, page, what);
          r.run(t, () -> title, outcome);
          r.m.bus.write(at, 4, whole);
        }
      }
    }
    t.done(rows.size() * PAGES.length * 2);
  }
}
