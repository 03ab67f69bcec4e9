package org.quern.x86.tables;

import org.junit.jupiter.api.Test;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;
import org.quern.x86.tables.Rig.Env;

/**
 * Into virtual-8086 mode by IRETD, out of it by events, and INT n inside it. Source: SDM vol. 2A,
 * IRET ("RETURN-TO-VIRTUAL-8086-MODE") and INT n ("INTERRUPT-FROM-VIRTUAL-8086-MODE"); vol. 3B,
 * 21.2.1, 21.3 (table 21-2: the six methods of interrupt handling).
 */
class Virtual8086TableTest {
  private static final int CODE = 0x78;
  private static final int ATTR = 0xf3;
  private static final int[] FRAME = {Reg.ES, Reg.DS, Reg.FS, Reg.GS};

  private static void segment(CpuImage i, int s, int selector) {
    i.segment(s, selector, (long) selector << 4, 0xffff, ATTR);
  }

  @Test
  void iretd_to_virtual_8086_mode() {
    Table t = new Table("IRETD to virtual-8086 mode");
    Rig r = Rig.of(Env.PROTECTED32);
    r.watch(FakeMachine.STACK0, 0x40);
    r.code("cf");
    int[] bits = {
      RFlags.CF,
      RFlags.TF,
      RFlags.IF,
      RFlags.DF,
      RFlags.IOPL,
      RFlags.NT,
      RFlags.RF,
      RFlags.AC,
      RFlags.VIF,
      RFlags.VIP,
      RFlags.ID
    };
    long[] pointers = {0, 0x1234, 0xffff, 0x10000, 0xffffffffL};
    for (int n = 0; n < 1 << bits.length; n++) {
      int image = RFlags.FIXED | RFlags.VM;
      for (int b = 0; b < bits.length; b++) {
        image |= (n >> b & 1) != 0 ? bits[b] : 0;
      }
      for (long ip : pointers) {
        enter(t, r, image, ip, 36);
      }
    }
    for (int room = 0; room < 36; room++) {
      enter(t, r, RFlags.FIXED | RFlags.VM, 0, room);
      enter(t, r, RFlags.FIXED | RFlags.VM, 0x10000, room);
    }
    t.done((pointers.length << bits.length) + 72);
  }

  /** One entry with {@code room} bytes of the nine doublewords inside the stack segment. */
  private static void enter(Table t, Rig r, int image, long ip, int room) {
    long at = FakeMachine.STACK0;
    long[] words = {ip, 0xaaaa1111L, image, 0x12345678L, 0xaaaa2222L};
    for (int i = 0; i < words.length; i++) {
      r.put(at + 4L * i, 4, words[i]);
    }
    for (int i = 0; i < 4; i++) {
      r.put(at + 20 + 4L * i, 4, 0xbbbb3330L + i);
    }
    r.start.segment(Reg.SS, FakeMachine.DATA, 0, at + room - 1, 0x4093);
    r.begin();
    // The whole frame must be there before the instruction pointer is looked at.
    String outcome = room < 36 ? "#SS(0)" : ip > 0xffff ? "#GP(0)" : "-";
    if (outcome.equals("-")) {
      segment(r.expected, Reg.CS, 0x1111);
      segment(r.expected, Reg.SS, 0x2222);
      for (int i = 0; i < 4; i++) {
        segment(r.expected, FRAME[i], 0x3330 + i);
      }
      r.expected.set(Reg.RSP, 0x12345678L);
      r.expected.set(CpuImage.RIP, ip);
      r.expected.set(CpuImage.CPL, 3);
      r.expected.set(CpuImage.FLAGS, image);
    }
    r.run(t, () -> String.format("flags %x ip %x room %d", image, ip, room), outcome);
  }

  private static Rig virtual() {
    Rig r = Rig.on(FakeMachine.protected32().v86(0), Env.PROTECTED32);
    for (int i = 0; i < 4; i++) {
      segment(r.start, FRAME[i], 0x1230 + i);
    }
    segment(r.start, Reg.SS, 0x100);
    r.watch(FakeMachine.GDT, 0x200);
    InnerStacks.prepare(r);
    return r;
  }

  /** Every code segment behind the gate, for every event, at every IOPL. */
  @Test
  void events_in_virtual_8086_mode() {
    Table t = new Table("events in virtual-8086 mode");
    for (Event e : Event.values()) {
      Rig r = virtual();
      long gateAt = FakeMachine.IDT + 8L * e.vector;
      r.watch(gateAt, 8);
      e.prepare(r);
      for (int type : new int[] {6, 7, 14, 15}) {
        for (int gateDpl = 0; gateDpl < 4; gateDpl++) {
          for (int iopl = 0; iopl < 4; iopl++) {
            r.start.set(CpuImage.FLAGS, RFlags.FIXED | RFlags.VM | RFlags.OF | iopl << 12);
            r.put(gateAt, 8, FakeMachine.encodeGate(0x80 | gateDpl << 5 | type, CODE, 0x234, 0));
            for (int access = 0; access < 256; access++) {
              event(t, r, e, type, gateDpl, iopl, access);
            }
          }
        }
      }
    }
    t.done(6 * 4 * 4 * 4 * 256);
  }

  private static void event(Table t, Rig r, Event e, int type, int gateDpl, int iopl, int access) {
    int kind = access & 31;
    int dpl = access >> 5 & 3;
    long d = Fields.descriptor(0, 0xffff, 0x4000 | access);
    r.put(FakeMachine.GDT + CODE, 8, d);
    String ext = Integer.toHexString(CODE | e.ext());
    String outcome;
    if (e == Event.INT_N && iopl < 3) {
      outcome = "#GP(0)";
    } else if (e.software() && gateDpl < 3) {
      outcome = "#GP(" + Integer.toHexString(e.vector * 8 + 2) + ")";
    } else if (!Fields.code(kind)) {
      outcome = "#GP(" + ext + ")";
    } else if ((access & 0x80) == 0) {
      // Conforming or of another level is checked after presence.
      outcome = "#NP(" + ext + ")";
    } else if (Fields.conforming(kind) || dpl != 0) {
      outcome = "#GP(" + ext + ")";
    } else {
      outcome = "-";
    }
    r.begin();
    if (outcome.equals("-")) {
      expectMonitor(r, e, type, d);
    }
    r.run(
        t,
        () -> String.format("%s type %d dpl %d iopl %d code %02x", e, type, gateDpl, iopl, access),
        outcome,
        () -> e.raise(r));
  }

  private static void expectMonitor(Rig r, Event e, int type, long d) {
    int bytes = type >= 14 ? 4 : 2;
    CpuImage s = r.start;
    long[] frame = new long[e.pushesError() ? 10 : 9];
    for (int i = 0; i < 4; i++) {
      frame[i] = s.v[CpuImage.seg(FRAME[3 - i], CpuImage.SELECTOR)];
    }
    // GS, FS, DS, ES.
    frame[2] = s.v[CpuImage.seg(Reg.DS, CpuImage.SELECTOR)];
    frame[3] = s.v[CpuImage.seg(Reg.ES, CpuImage.SELECTOR)];
    frame[4] = s.v[CpuImage.seg(Reg.SS, CpuImage.SELECTOR)];
    frame[5] = s.v[Reg.RSP];
    frame[6] = s.v[CpuImage.FLAGS];
    frame[7] = s.v[CpuImage.seg(Reg.CS, CpuImage.SELECTOR)];
    frame[8] = s.v[CpuImage.RIP] + e.length();
    if (e.pushesError()) {
      frame[9] = Event.ERROR;
    }
    r.expected.segment(Reg.CS, CODE, Fields.accessed(d));
    r.expect(FakeMachine.GDT + CODE, 8, Fields.accessed(d));
    for (int seg : FRAME) {
      r.expected.nullSegment(seg, 0, 0);
    }
    int cleared = RFlags.VM | RFlags.TF | RFlags.NT | RFlags.RF;
    r.expected.v[CpuImage.FLAGS] &= ~((type & 1) == 0 ? cleared | RFlags.IF : cleared);
    r.expected.set(CpuImage.RIP, 0x234);
    InnerStacks.expectSwitch(r, 0, bytes, frame);
  }

  /** Methods 1 to 6 of INT n: VME, IOPL, the redirection bitmap. */
  @Test
  void methods_of_interrupt_handling() {
    Table t = new Table("INT n in virtual-8086 mode, six methods");
    int map = 0x68 + 32;
    Rig r = virtual();
    r.watch(FakeMachine.IDT + 8L * 0x42, 8);
    r.watch(4L * 0x42, 4);
    r.watch(0x1000 + FakeMachine.STACK3 - 8, 8);
    r.put(4L * 0x42, 4, 0x43210765L);
    r.put(FakeMachine.IDT + 8L * 0x42, 8, FakeMachine.encodeGate(0xee, CODE, 0x234, 0));
    long d = Fields.descriptor(0, 0xffff, 0x409b);
    r.put(FakeMachine.GDT + CODE, 8, d);
    r.put(FakeMachine.TSS + 0x66, 2, map);
    Event.INT_N.prepare(r);
    int[] bits = {RFlags.IF, RFlags.VIF, RFlags.VIP, RFlags.TF, RFlags.NT, RFlags.AC};
    for (int n = 0; n < 1 << bits.length + 4; n++) {
      int iopl = n & 3;
      boolean vme = (n >> 2 & 1) != 0;
      boolean redirected = (n >> 3 & 1) != 0;
      int flags = RFlags.FIXED | RFlags.VM | iopl << 12;
      for (int b = 0; b < bits.length; b++) {
        flags |= (n >> 4 + b & 1) != 0 ? bits[b] : 0;
      }
      r.start.set(CpuImage.FLAGS, flags);
      long cr4 = r.start.v[CpuImage.CR4] & ~Cr.CR4_VME;
      r.start.set(CpuImage.CR4, vme ? cr4 | Cr.CR4_VME : cr4);
      r.put(FakeMachine.TSS + map - 32 + (0x42 >> 3), 1, redirected ? ~(1 << 2) : 1 << 2);
      boolean inside = vme && redirected;
      r.begin();
      if (inside) {
        expectRedirected(r, flags, iopl);
      } else if (iopl == 3) {
        expectMonitor(r, Event.INT_N, 14, d);
      }
      int f = flags;
      r.run(
          t,
          () -> String.format("flags %x vme %b redirected %b", f, vme, redirected),
          inside || iopl == 3 ? "-" : "#GP(0)",
          () -> Event.INT_N.raise(r));
    }
    t.done(1 << bits.length + 4);
  }

  /** Methods 5 and 6: through the table at 0; with IOPL below 3 VIF plays the part of IF. */
  private static void expectRedirected(Rig r, int flags, int iopl) {
    int pushed = flags;
    int cleared = RFlags.TF | RFlags.RF;
    if (iopl < 3) {
      pushed = flags & ~RFlags.IF | RFlags.IOPL;
      pushed |= (flags & RFlags.VIF) != 0 ? RFlags.IF : 0;
      cleared |= RFlags.VIF;
    } else {
      cleared |= RFlags.IF;
    }
    long base = r.start.v[CpuImage.seg(Reg.SS, CpuImage.BASE)];
    long sp = r.start.v[Reg.RSP];
    r.expect(base + sp - 2, 2, pushed);
    r.expect(base + sp - 4, 2, r.start.v[CpuImage.seg(Reg.CS, CpuImage.SELECTOR)]);
    r.expect(base + sp - 6, 2, r.start.v[CpuImage.RIP] + 2);
    r.expected.set(Reg.RSP, sp - 6);
    segment(r.expected, Reg.CS, 0x4321);
    r.expected.set(CpuImage.RIP, 0x765);
    r.expected.v[CpuImage.FLAGS] &= ~cleared;
  }
}
