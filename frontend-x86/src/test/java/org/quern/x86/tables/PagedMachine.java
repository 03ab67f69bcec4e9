package org.quern.x86.tables;

import org.quern.x86.FakeMachine;
import org.quern.x86.fault.GuestFault;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuMode;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;
import org.quern.x86.tables.PagingOracle.Access;
import org.quern.x86.tables.PagingOracle.Mode;

/**
 * A processor whose paging structures map one page, with the same entries in a {@link PagingOracle}
 * beside it. Every access is made by both, twice, and all that it may change is compared.
 */
final class PagedMachine {
  /** Where the one page lies in physical memory: 4 MiB-aligned, or at 0 for 1 GiB pages. */
  private static final long FRAME = 0x800000;

  /** Physical address of the table of a level. */
  private static final long TABLES = 0x100000;

  private static final long ALL = PagingOracle.P | PagingOracle.RW | PagingOracle.US;

  final PagingOracle oracle = new PagingOracle();

  private final FakeMachine m;
  private final Cpu c;
  private final int leaf;
  private final long linear;
  private final long target;
  private int marker = 1;

  PagedMachine(Mode mode, int leaf, CpuModel model) {
    m = new FakeMachine(model);
    c = m.cpu;
    this.leaf = leaf;
    oracle.mode = mode;
    oracle.physicalBits = model.physicalBits();
    long offset = 0x345;
    linear =
        switch (mode) {
          case LEGACY, PAE -> 0xbf1b8000L | offset;
          case FOUR_LEVEL -> 0x00005aa9_7f1b8000L | offset;
          // Above bit 56 as canonical addresses of 57 bits are.
          case FIVE_LEVEL -> 0xff2b5aa9_7f1b8000L | offset;
        };
    int shift = shift(leaf);
    long frame = leaf == 3 ? 0 : FRAME;
    target = leaf == 3 ? 0x800345 : frame | linear & (1L << shift) - 1;
    reset();
  }

  /** For a 1 GiB page the whole of RAM lies in it; other offsets would be outside. */
  private long la() {
    return leaf == 3 ? linear & -(1L << 30) | 0x800345 : linear;
  }

  private int shift(int level) {
    return oracle.mode == Mode.LEGACY ? 12 + 10 * (level - 1) : 12 + 9 * (level - 1);
  }

  private static long table(int level) {
    return TABLES + 0x1000L * level;
  }

  /** Physical address of the entry of a level. */
  private long at(int level) {
    if (oracle.mode == Mode.LEGACY) {
      return table(level) + (la() >>> shift(level) & 1023) * 4;
    }
    if (oracle.mode == Mode.PAE && level == 3) {
      return table(3) + (la() >>> 30 & 3) * 8;
    }
    return table(level) + (la() >>> shift(level) & 511) * 8;
  }

  private int entryBytes() {
    return oracle.mode == Mode.LEGACY ? 4 : 8;
  }

  /** All entries allow everything. */
  void reset() {
    for (int level = oracle.mode.levels; level >= leaf; level--) {
      if (oracle.mode == Mode.PAE && level == 3) {
        set(3, table(2) | PagingOracle.P);
      } else {
        set(level, address(level) | ALL);
      }
    }
  }

  /** Address part of an entry, and PS where it maps a large page. */
  private long address(int level) {
    if (level > leaf) {
      return table(level - 1);
    }
    long frame = leaf == 3 ? 0 : leaf == 1 ? target & ~0xfffL : FRAME;
    return leaf == 1 ? frame : frame | PagingOracle.PS;
  }

  void rights(int level, long rights) {
    set(level, address(level) | rights);
  }

  void flip(int level, int bit) {
    set(level, oracle.entry[level] ^ 1L << bit);
  }

  /** Writes an entry, in memory and for the oracle. */
  void set(int level, long e) {
    oracle.entry[level] = e;
    if (oracle.mode == Mode.PAE && level == 3) {
      c.mmu.walker.pdpte[(int) (la() >>> 30) & 3] = e;
    } else {
      m.bus.write(at(level), entryBytes(), e);
    }
  }

  /** Loads the PDPTE registers with one of them changed; the others stay not present. */
  boolean loadPdpte(int index, long e) {
    for (int i = 0; i < 4; i++) {
      m.bus.write(table(3) + 8L * i, 8, i == index ? e : 0);
    }
    return c.mmu.walker.loadPdptes(table(3));
  }

  /** Brings the oracle's controls into the processor. */
  void apply() {
    c.cr0 = Cr.CR0_PE | Cr.CR0_PG | Cr.CR0_ET | Cr.CR0_NE | (oracle.wp ? Cr.CR0_WP : 0);
    c.cr3 = table(oracle.mode.levels);
    c.cr4 =
        (oracle.smep ? Cr.CR4_SMEP : 0)
            | (oracle.smap ? Cr.CR4_SMAP : 0)
            | (oracle.mode == Mode.LEGACY ? oracle.pse ? Cr.CR4_PSE : 0 : Cr.CR4_PAE)
            | (oracle.mode == Mode.FIVE_LEVEL ? Cr.CR4_LA57 : 0)
            | (oracle.pke ? Cr.CR4_PKE : 0)
            | (oracle.pks ? Cr.CR4_PKS : 0);
    c.pkru = oracle.pkru;
    c.msr.pkrs = oracle.pkrs;
    c.efer = oracle.nxe && oracle.mode != Mode.LEGACY ? Cr.EFER_NXE : 0;
    if (oracle.mode.lma()) {
      c.efer |= Cr.EFER_LME | Cr.EFER_LMA;
      c.seg[Reg.CS].attr |= Segment.L;
      c.seg[Reg.CS].attr &= ~Segment.DB;
    }
    CpuMode.update(c);
    c.eflags = RFlags.FIXED | (oracle.ac ? RFlags.AC : 0);
  }

  /** One case: the access from a clean TLB, and again with what the first has left there. */
  void access(Table t, Access access, int cpl, long what) {
    oracle.access = access;
    oracle.cpl = cpl;
    oracle.run();
    t.next();
    c.setCpl(cpl);
    c.mmu.flushAll();
    for (int time = 0; time < 2; time++) {
      long error = perform(access);
      int again = time;
      t.same(() -> title(what) + (again == 1 ? ", again" : ""), oracle.error, error);
      if (error >= 0) {
        t.same(() -> title(what) + ", CR2", la(), c.fault.cr2);
      }
    }
    for (int level = oracle.mode.levels; level >= leaf; level--) {
      compareEntry(t, level, what);
    }
  }

  /** Entries after the access; then puts them back. */
  private void compareEntry(Table t, int level, long what) {
    if (oracle.mode == Mode.PAE && level == 3) {
      return;
    }
    long before = oracle.entry[level];
    long now = m.bus.read(at(level), entryBytes());
    if (oracle.mode == Mode.LEGACY) {
      before &= 0xffffffffL;
    }
    long expected = before | oracle.sets[level];
    // 4.8 lets a walk that ends in a fault have set accessed flags on its way, but never dirty.
    boolean onTheWay = oracle.error >= 0 && level > oracle.last;
    if (onTheWay) {
      now = now & ~PagingOracle.A | expected & PagingOracle.A;
    }
    t.same(() -> title(what) + ", entry " + level, expected, now);
    m.bus.write(at(level), entryBytes(), before);
  }

  /** Makes the access; returns the error code of its page fault, or -1, or a wrong result. */
  private long perform(Access access) {
    int value = marker++ & 0xff;
    m.bus.write(target, 1, value);
    boolean right;
    try {
      switch (access) {
        case READ -> right = c.mmu.read8(la()) == value;
        case IMPLICIT_READ -> right = c.mmu.readSystem8(la()) == value;
        case FETCH -> right = c.mmu.fetchAddress(la()) == target;
        case WRITE -> {
          c.mmu.write8(la(), ~value);
          right = m.bus.read(target, 1) == (~value & 0xff);
        }
        default -> {
          c.mmu.writeSystem(la(), 1, ~value);
          right = m.bus.read(target, 1) == (~value & 0xff);
        }
      }
    } catch (GuestFault f) {
      boolean unchanged = m.bus.read(target, 1) == value;
      return f.vector == Vector.PF && unchanged ? f.errorCode : 0xbad000 | f.vector;
    }
    return right ? -1 : 0xbad;
  }

  private String title(long what) {
    StringBuilder s = new StringBuilder();
    s.append(oracle.access).append(" cpl ").append(oracle.cpl);
    s.append(" case ").append(Long.toHexString(what));
    s.append(oracle.wp ? " WP" : "").append(oracle.smep ? " SMEP" : "");
    s.append(oracle.smap ? " SMAP" : "").append(oracle.ac ? " AC" : "");
    s.append(oracle.pke ? " PKE" : "").append(oracle.pks ? " PKS" : "");
    s.append(String.format(" %x %x", oracle.pkru, oracle.pkrs));
    s.append(oracle.nxe ? " NXE" : "").append(oracle.pse ? " PSE" : "");
    for (int level = oracle.mode.levels; level >= leaf; level--) {
      s.append(' ').append(level).append('=').append(Long.toHexString(oracle.entry[level]));
    }
    return s.toString();
  }
}
