package org.quern.x86.tables;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/**
 * Which operations must make a changed translation visible, for each page size, global or not, with
 * and without PCIDs, as each kind of access sees it. Source: SDM vol. 3A, 4.10.4.1.
 */
class TlbTableTest {
  private static final long LINEAR = 1L << 39;
  private static final long TABLES = 0x200000;
  private static final long OFFSET = 0x345;
  private static final int OLD = 1;

  /** Sizes of the page by the level of the entry that maps it. */
  private static final int[] LEVELS = {1, 2, 3};

  /** Who made the entry and looks again: each has entries of its own in our TLB. */
  private enum Reader {
    USER,
    SUPERVISOR,
    SUPERVISOR_WITH_AC,
    IMPLICIT
  }

  /**
   * What software does between the change and the next access.
   *
   * @param code instructions, one string each
   * @param value RAX for each of them
   * @param drops whether translations that are not global must be gone
   * @param dropsGlobal whether global ones must be gone too
   */
  private record Operation(
      String name, List<String> code, List<Long> value, boolean drops, boolean dropsGlobal) {
    Operation(String name, String code, long value, boolean drops, boolean dropsGlobal) {
      this(name, List.of(code), List.of(value), drops, dropsGlobal);
    }
  }

  private static final String MOV_CR0 = "0f 22 c0";
  private static final String MOV_CR3 = "0f 22 d8";
  private static final String MOV_CR4 = "0f 22 e0";
  private static final String INVLPG = "0f 01 38";
  private static final String INVPCID = "66 0f 38 82 07";

  private static List<Operation> operations(Cpu c, boolean pcid, long within) {
    long cr3 = c.cr3;
    long cr4 = c.cr4;
    long keep = 1L << 63;
    List<Operation> all =
        new java.util.ArrayList<>(
            List.of(
                new Operation("nop", "90", 0, false, false),
                new Operation("mov cr3, the same", MOV_CR3, cr3, true, false),
                new Operation("invlpg", INVLPG, LINEAR + OFFSET, true, true),
                new Operation("invlpg elsewhere in the page", INVLPG, within, true, true),
                new Operation("invlpg of another page", INVLPG, 0x400000, false, false),
                new Operation("invpcid 0", INVPCID, 0, true, false),
                new Operation("invpcid 1", INVPCID, 1, true, false),
                new Operation("invpcid 2", INVPCID, 2, true, true),
                new Operation("invpcid 3", INVPCID, 3, true, false),
                new Operation("clear PGE", MOV_CR4, cr4 & ~Cr.CR4_PGE, true, true),
                new Operation("set SMEP", MOV_CR4, cr4 | Cr.CR4_SMEP, true, false),
                new Operation("set DE", MOV_CR4, cr4 | Cr.CR4_DE, false, false),
                new Operation("clear WP", MOV_CR0, c.cr0 & ~Cr.CR0_WP, false, false),
                new Operation(
                    "clear and set PGE",
                    List.of(MOV_CR4, MOV_CR4),
                    List.of(cr4 & ~Cr.CR4_PGE, cr4),
                    true,
                    true)));
    if (pcid) {
      all.add(new Operation("mov cr3, keeping", MOV_CR3, cr3 | keep, false, false));
      all.add(new Operation("mov cr3, another PCID", MOV_CR3, cr3 + 1, true, false));
      // Nothing of PCID 1 is known, so nothing of PCID 0 may show through.
      all.add(new Operation("mov cr3, another, keeping", MOV_CR3, cr3 + 1 | keep, true, false));
      all.add(new Operation("clear PCIDE", MOV_CR4, cr4 & ~Cr.CR4_PCIDE, true, true));
    }
    return all;
  }

  /** Entry {@code index} of a table, for the window. */
  private static void map(FakeMachine m, int level, long frame, boolean global) {
    m.bus.write(FakeMachine.PAGE_TABLES + 8, 8, TABLES | 7);
    for (int l = 3; l > level; l--) {
      m.bus.write(TABLES + 0x1000L * (3 - l), 8, TABLES + 0x1000L * (4 - l) | 7);
    }
    long leaf = frame | (level > 1 ? 0x87 : 7) | (global ? 0x100 : 0);
    m.bus.write(TABLES + 0x1000L * (3 - level), 8, leaf);
  }

  /** The page's first frame; a 1 GiB page can only be at 0, its second is beyond RAM. */
  private static long frame(int level, boolean second) {
    return switch (level) {
      case 1 -> second ? 0x1201000 : 0x1000000;
      case 2 -> second ? 0x1200000 : 0x1000000;
      default -> second ? 1L << 30 : 0;
    };
  }

  private static int read(FakeMachine m, Reader reader, long la) {
    Cpu c = m.cpu;
    int cpl = c.cpl;
    c.eflags = RFlags.FIXED | (reader == Reader.SUPERVISOR_WITH_AC ? RFlags.AC : 0);
    c.setCpl(reader == Reader.USER ? 3 : 0);
    int v = reader == Reader.IMPLICIT ? c.mmu.readSystem8(la) : c.mmu.read8(la);
    c.eflags = RFlags.FIXED;
    c.setCpl(cpl);
    return v;
  }

  @Test
  void changed_translations() {
    Table t = new Table("TLB invalidation");
    for (int pcid = 0; pcid < 2; pcid++) {
      for (int level : LEVELS) {
        for (int global = 0; global < 2; global++) {
          FakeMachine m = FakeMachine.long64();
          Cpu c = m.cpu;
          c.cr4 |= pcid == 1 ? Cr.CR4_PCIDE : 0;
          CpuImage start = new CpuImage();
          start.capture(c);
          // In a 1 GiB page the old frame is all of low memory: take a byte that nobody uses.
          long offset = level == 3 ? 0x3000345 : OFFSET;
          m.bus.write(frame(level, false) + offset, 1, OLD);
          long within = level == 1 ? LINEAR + 0xfff : LINEAR + 0x123456;
          for (Operation o : operations(c, pcid == 1, within)) {
            for (Reader reader : Reader.values()) {
              start.restore(c);
              map(m, level, frame(level, false), global == 1);
              c.mmu.flushAll();
              assertThat(read(m, reader, LINEAR + offset)).isEqualTo(OLD);
              map(m, level, frame(level, true), global == 1);
              for (int i = 0; i < o.code.size(); i++) {
                c.gpr[Reg.RAX] = o.value.get(i);
                // INVPCID's descriptor: PCID 0 and the address.
                c.gpr[Reg.RDI] = 0x5000;
                m.bus.write(0x5000, 8, 0);
                m.bus.write(0x5008, 8, LINEAR + offset);
                assertThat(m.outcome(o.code.get(i))).as(o.name).isEqualTo("-");
              }
              boolean must = global == 1 ? o.dropsGlobal : o.drops;
              boolean old = read(m, reader, LINEAR + offset) == OLD;
              String title =
                  String.format(
                      "%s, %s, level %d, global %d, PCIDE %d", o.name, reader, level, global, pcid);
              t.next();
              t.same(() -> title + ", new translation", true, !(must && old));
            }
          }
        }
      }
    }
    t.done((14 + 18) * 3 * 2 * 4);
  }
}
