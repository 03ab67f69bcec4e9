package org.quern.x86.decode;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * All rows, and the index by which the decoder finds one. The legacy maps are built when the class
 * is first used, the VEX maps when the first VEX prefix is met.
 */
public final class InsnTable {
  /** Columns of the index: which mandatory prefix is in effect. */
  static final int COLUMN_NONE = 0;

  static final int COLUMN_66 = 1;
  static final int COLUMN_F3 = 2;
  static final int COLUMN_F2 = 3;

  private InsnTable() {}

  /** A row in a slot; the next one is asked if this one does not fit mode and prefix bits. */
  record Link(InsnForm form, Link next) {}

  /** What one opcode byte under one prefix may be. */
  static final class Cell {
    final boolean modrm;

    /** One slot; or 72: ModRM.reg with memory, then the 64 register ModRM bytes. */
    final Link[] slots;

    Cell(boolean modrm, boolean split) {
      this.modrm = modrm;
      this.slots = new Link[split ? 72 : 1];
    }

    InsnForm find(int modrmByte, int state) {
      int slot = 0;
      if (slots.length != 1) {
        slot = modrmByte >= 0xc0 ? modrmByte - 0xc0 + 8 : modrmByte >> 3 & 7;
      }
      for (Link l = slots[slot]; l != null; l = l.next) {
        if ((l.form.forbidden & state) == 0) {
          return l.form;
        }
      }
      return null;
    }
  }

  private static final class Legacy {
    static final List<InsnForm> FORMS = new ArrayList<>(1200);
    static final Cell[][] CELLS = new Cell[4][];

    static {
      RowParser.parse(InsnForm.Space.ONE_BYTE, RowsOneByte.ROWS, FORMS);
      RowParser.parse(InsnForm.Space.ONE_BYTE, RowsX87.ROWS, FORMS);
      CELLS[0] = index(FORMS, 0);
      int from = FORMS.size();
      RowParser.parse(InsnForm.Space.OF, Rows0f.ROWS, FORMS);
      CELLS[1] = index(FORMS, from);
      from = FORMS.size();
      RowParser.parse(InsnForm.Space.OF38, Rows0f3.ROWS_38, FORMS);
      CELLS[2] = index(FORMS, from);
      from = FORMS.size();
      RowParser.parse(InsnForm.Space.OF3A, Rows0f3.ROWS_3A, FORMS);
      CELLS[3] = index(FORMS, from);
    }
  }

  private static final class Vex {
    static final List<InsnForm> FORMS = new ArrayList<>(800);
    static final Cell[][] CELLS = new Cell[4][];

    static {
      RowParser.parse(InsnForm.Space.VEX_0F, RowsVex.ROWS_0F, FORMS);
      CELLS[1] = index(FORMS, 0);
      int from = FORMS.size();
      RowParser.parse(InsnForm.Space.VEX_0F38, RowsVex.ROWS_38, FORMS);
      CELLS[2] = index(FORMS, from);
      from = FORMS.size();
      RowParser.parse(InsnForm.Space.VEX_0F3A, RowsVex.ROWS_3A, FORMS);
      CELLS[3] = index(FORMS, from);
    }
  }

  /** Every row, in the order of the table. */
  public static List<InsnForm> forms() {
    List<InsnForm> all = new ArrayList<>(Legacy.FORMS);
    all.addAll(Vex.FORMS);
    return Collections.unmodifiableList(all);
  }

  /** Index of legacy map 0 (one byte), 1 (0F), 2 (0F 38) or 3 (0F 3A), by opcode * 4 + column. */
  static Cell[] legacy(int map) {
    return Legacy.CELLS[map];
  }

  /** Index of VEX map 1, 2 or 3. */
  static Cell[] vex(int map) {
    return Vex.CELLS[map];
  }

  /** Builds the index of the rows from {@code from} on, which are all of one map. */
  private static Cell[] index(List<InsnForm> forms, int from) {
    boolean[] split = new boolean[256];
    boolean[] modrm = new boolean[256];
    for (int n = from; n < forms.size(); n++) {
      InsnForm f = forms.get(n);
      split[f.opcode] |= f.digit >= 0 || f.modrmByte >= 0 || f.mod != InsnForm.MOD_ANY;
      modrm[f.opcode] |= f.modrm;
    }
    Cell[] cells = new Cell[1024];
    // Backwards, because each row goes in front: the earlier row wins; general prefixes first.
    for (int pass = 0; pass < 2; pass++) {
      for (int n = forms.size() - 1; n >= from; n--) {
        InsnForm f = forms.get(n);
        if ((f.prefix == InsnForm.Prefix.ANY) == (pass == 0)) {
          for (int k = 0; k < f.opcodeSpan; k++) {
            place(cells, f, f.opcode + k, split[f.opcode], modrm[f.opcode]);
          }
        }
      }
    }
    return cells;
  }

  private static void place(Cell[] cells, InsnForm f, int opcode, boolean split, boolean modrm) {
    int columns =
        switch (f.prefix) {
          case ANY -> 0b1111;
          case NP -> 1 << COLUMN_NONE;
          case NF -> 1 << COLUMN_NONE | 1 << COLUMN_66;
          case P66 -> 1 << COLUMN_66;
          case F3 -> 1 << COLUMN_F3;
          case F2 -> 1 << COLUMN_F2;
        };
    for (int column = 0; column < 4; column++) {
      if ((columns >> column & 1) != 0) {
        int at = opcode * 4 + column;
        if (cells[at] == null) {
          cells[at] = new Cell(modrm, split);
        }
        fill(cells[at].slots, f);
      }
    }
  }

  private static void fill(Link[] slots, InsnForm f) {
    if (slots.length == 1) {
      slots[0] = new Link(f, slots[0]);
      return;
    }
    if (f.modrmByte >= 0) {
      push(slots, f.modrmByte - 0xc0 + 8, f);
      return;
    }
    for (int reg = 0; reg < 8; reg++) {
      if (f.digit >= 0 && f.digit != reg) {
        continue;
      }
      if (f.mod != InsnForm.MOD_REG) {
        push(slots, reg, f);
      }
      if (f.mod != InsnForm.MOD_MEM) {
        for (int rm = 0; rm < 8; rm++) {
          push(slots, 8 + reg * 8 + rm, f);
        }
      }
    }
  }

  private static void push(Link[] slots, int at, InsnForm f) {
    slots[at] = new Link(f, slots[at]);
  }
}
