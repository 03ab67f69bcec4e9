package org.quern.x86.decode;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * All rows, and the index by which the decoder finds one. Each group of maps is built when it is
 * first needed, because not every run meets VEX.
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

    Cell(Cell other) {
      this.modrm = other.modrm;
      this.slots = other.slots.clone();
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

  /** One opcode map. */
  private record OpcodeMap(List<InsnForm> forms, Cell[] cells) {
    static OpcodeMap of(InsnForm.Space space, String... texts) {
      List<InsnForm> forms = new ArrayList<>(512);
      for (String text : texts) {
        RowParser.parse(space, text, forms);
      }
      return new OpcodeMap(forms, index(forms));
    }
  }

  private static final class Base {
    static final OpcodeMap ONE_BYTE =
        OpcodeMap.of(InsnForm.Space.ONE_BYTE, RowsOneByte.ROWS, RowsX87.ROWS);
    static final OpcodeMap OF = OpcodeMap.of(InsnForm.Space.OF, Rows0f.ROWS);
  }

  private static final class First {
    static final OpcodeMap ONE_BYTE = map();

    private static OpcodeMap map() {
      List<InsnForm> forms = new ArrayList<>(256);
      RowParser.parse(InsnForm.Space.ONE_BYTE, Rows8086.ROWS, forms);
      for (InsnForm f : Base.ONE_BYTE.forms) {
        if (f.onFirst()) {
          forms.add(f);
        }
      }
      return new OpcodeMap(forms, index(forms));
    }
  }

  private static final class Escape3 {
    static final OpcodeMap OF38 = OpcodeMap.of(InsnForm.Space.OF38, Rows0f3.ROWS_38);
    static final OpcodeMap OF3A = OpcodeMap.of(InsnForm.Space.OF3A, Rows0f3.ROWS_3A);
  }

  private static final class Vex {
    static final OpcodeMap OF = OpcodeMap.of(InsnForm.Space.VEX_0F, RowsVex.ROWS_0F);
    static final OpcodeMap OF38 = OpcodeMap.of(InsnForm.Space.VEX_0F38, RowsVex.ROWS_38);
    static final OpcodeMap OF3A = OpcodeMap.of(InsnForm.Space.VEX_0F3A, RowsVex.ROWS_3A);
  }

  /** Every row, in the order of the table. */
  public static List<InsnForm> forms() {
    List<InsnForm> all = new ArrayList<>(1600);
    all.addAll(Base.ONE_BYTE.forms);
    all.addAll(Base.OF.forms);
    all.addAll(Escape3.OF38.forms);
    all.addAll(Escape3.OF3A.forms);
    all.addAll(Vex.OF.forms);
    all.addAll(Vex.OF38.forms);
    all.addAll(Vex.OF3A.forms);
    return Collections.unmodifiableList(all);
  }

  /** Index of legacy map 0 (one byte), 1 (0F), 2 (0F 38) or 3 (0F 3A), by opcode * 4 + column. */
  static Cell[] legacy(int map) {
    return switch (map) {
      case 0 -> Base.ONE_BYTE.cells;
      case 1 -> Base.OF.cells;
      case 2 -> Escape3.OF38.cells;
      default -> Escape3.OF3A.cells;
    };
  }

  /** Index of the 8086's one map. {@link #forms} lacks the rows that are its alone. */
  static Cell[] first() {
    return First.ONE_BYTE.cells;
  }

  /** Index of VEX map 1, 2 or 3. */
  static Cell[] vex(int map) {
    return switch (map) {
      case 1 -> Vex.OF.cells;
      case 2 -> Vex.OF38.cells;
      default -> Vex.OF3A.cells;
    };
  }

  /** Builds the index of one map's rows. */
  private static Cell[] index(List<InsnForm> forms) {
    boolean[] split = new boolean[256];
    boolean[] modrm = new boolean[256];
    for (InsnForm f : forms) {
      split[f.opcode] |= f.digit >= 0 || f.modrmByte >= 0 || f.mod != InsnForm.MOD_ANY;
      modrm[f.opcode] |= f.modrm;
    }
    Cell[] cells = new Cell[1024];
    // Backwards, because each row goes in front: the earlier row wins; general prefixes first.
    for (int n = forms.size() - 1; n >= 0; n--) {
      InsnForm f = forms.get(n);
      if (f.prefix == InsnForm.Prefix.ANY) {
        for (int k = 0; k < f.opcodeSpan; k++) {
          placeAny(cells, f, f.opcode + k, split[f.opcode], modrm[f.opcode]);
        }
      }
    }
    for (int n = forms.size() - 1; n >= 0; n--) {
      InsnForm f = forms.get(n);
      if (f.prefix != InsnForm.Prefix.ANY) {
        for (int k = 0; k < f.opcodeSpan; k++) {
          place(cells, f, f.opcode + k, split[f.opcode], modrm[f.opcode]);
        }
      }
    }
    return cells;
  }

  /** All four columns share one cell as long as nothing tells them apart. */
  private static void placeAny(Cell[] cells, InsnForm f, int opcode, boolean split, boolean modrm) {
    int at = opcode * 4;
    if (cells[at] == null) {
      Cell cell = new Cell(modrm, split);
      cells[at] = cell;
      cells[at + 1] = cell;
      cells[at + 2] = cell;
      cells[at + 3] = cell;
    }
    fill(cells[at].slots, f);
  }

  private static void place(Cell[] cells, InsnForm f, int opcode, boolean split, boolean modrm) {
    int columns =
        switch (f.prefix) {
          case ANY -> 0;
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
        } else if (cells[at] == cells[opcode * 4 + (column ^ 1)]
            || cells[at] == cells[opcode * 4 + (column ^ 2)]
            || cells[at] == cells[opcode * 4 + (column ^ 3)]) {
          cells[at] = new Cell(cells[at]);
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
