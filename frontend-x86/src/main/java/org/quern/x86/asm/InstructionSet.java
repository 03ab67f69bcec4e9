package org.quern.x86.asm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.quern.x86.decode.InsnForm;
import org.quern.x86.decode.InsnTable;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.disasm.InsnNames;

/** Which rows of the table a written mnemonic may mean. */
final class InstructionSet {
  /**
   * A row under a name.
   *
   * @param opSize operand size that the name implies; 0 for any, -1 for the usual one of the code
   * @param addrSize address size that the name implies, or 0
   * @param cc condition that the name implies, or -1
   */
  record Candidate(InsnForm form, int opSize, int addrSize, int cc) {}

  private static final String[][] SYNONYMS = {
    {"jz", "je"},
    {"jnz", "jne"},
    {"jc", "jb"},
    {"jnc", "jae"},
    {"jnae", "jb"},
    {"jnb", "jae"},
    {"jna", "jbe"},
    {"jnbe", "ja"},
    {"jpe", "jp"},
    {"jpo", "jnp"},
    {"jnge", "jl"},
    {"jnl", "jge"},
    {"jng", "jle"},
    {"jnle", "jg"},
    {"setz", "sete"},
    {"setnz", "setne"},
    {"setc", "setb"},
    {"setnc", "setae"},
    {"setnae", "setb"},
    {"setnb", "setae"},
    {"setna", "setbe"},
    {"setnbe", "seta"},
    {"setpe", "setp"},
    {"setpo", "setnp"},
    {"setnge", "setl"},
    {"setnl", "setge"},
    {"setng", "setle"},
    {"setnle", "setg"},
    {"cmovz", "cmove"},
    {"cmovnz", "cmovne"},
    {"cmovc", "cmovb"},
    {"cmovnc", "cmovae"},
    {"cmovnae", "cmovb"},
    {"cmovnb", "cmovae"},
    {"cmovna", "cmovbe"},
    {"cmovnbe", "cmova"},
    {"cmovpe", "cmovp"},
    {"cmovpo", "cmovnp"},
    {"cmovnge", "cmovl"},
    {"cmovnl", "cmovge"},
    {"cmovng", "cmovle"},
    {"cmovnle", "cmovg"},
    {"loopz", "loope"},
    {"loopnz", "loopne"},
    {"sal", "shl"},
    {"wait", "fwait"},
    {"xlat", "xlatb"},
    {"retn", "ret"},
    {"icebp", "int1"},
    {"int01", "int1"},
    {"int03", "int3"},
    {"movabs", "mov"},
    {"ud2a", "ud2"},
  };

  private static final Map<String, List<Candidate>> BY_NAME = build();

  private InstructionSet() {}

  /** The rows of a mnemonic in lower case, in table order; empty if there is none. */
  static List<Candidate> of(String name) {
    return BY_NAME.getOrDefault(name, List.of());
  }

  private static Map<String, List<Candidate>> build() {
    Map<String, Set<Candidate>> sets = new HashMap<>();
    for (InsnForm f : InsnTable.forms()) {
      addNames(sets, f);
    }
    Map<String, List<Candidate>> lists = new HashMap<>();
    for (Map.Entry<String, Set<Candidate>> e : sets.entrySet()) {
      lists.put(e.getKey(), new ArrayList<>(e.getValue()));
    }
    for (String[] pair : SYNONYMS) {
      lists.putIfAbsent(pair[0], lists.get(pair[1]));
    }
    return lists;
  }

  private static void addNames(Map<String, Set<Candidate>> sets, InsnForm f) {
    int conditions = f.conditions();
    boolean sized =
        switch (f.mnemonic()) {
          case CBW,
              CWD,
              MOVS,
              CMPS,
              SCAS,
              LODS,
              STOS,
              INS,
              OUTS,
              PUSHA,
              POPA,
              PUSHF,
              POPF,
              IRET,
              SYSRET,
              SYSEXIT,
              FXSAVE,
              FXRSTOR,
              XSAVE,
              XRSTOR,
              XSAVEOPT,
              XSAVEC,
              XSAVES,
              XRSTORS,
              RET_FAR ->
              true;
          default -> false;
        };
    boolean byAddress = f.mnemonic() == Mnemonic.JCXZ;
    for (int cc = 0; cc < conditions; cc++) {
      int condition = conditions == 1 ? f.condition() : cc;
      if (sized) {
        for (int size : f.byteSized() ? new int[] {8} : new int[] {16, 32, 64}) {
          add(sets, f, new Candidate(f, size, 0, condition));
        }
      } else if (byAddress) {
        for (int size : new int[] {16, 32, 64}) {
          add(sets, f, new Candidate(f, 0, size, condition));
        }
      } else {
        add(sets, f, new Candidate(f, 0, 0, condition));
      }
    }
    String usual =
        switch (f.mnemonic()) {
          case PUSHA -> "pusha";
          case POPA -> "popa";
          case PUSHF -> "pushf";
          case POPF -> "popf";
          case IRET -> "iret";
          default -> null;
        };
    if (usual != null) {
      put(sets, usual, new Candidate(f, -1, 0, -1));
    }
  }

  private static void add(Map<String, Set<Candidate>> sets, InsnForm f, Candidate c) {
    int opSize = c.opSize <= 0 ? 32 : c.opSize;
    // RETF without a size in its name means 16 and 32 bits alike: leave that to prefixes.
    Candidate kept =
        f.mnemonic() == Mnemonic.RET_FAR && c.opSize != 64 ? new Candidate(f, -1, 0, -1) : c;
    boolean plain = c.opSize != 64 && c.opSize > 0 && unsuffixed(f);
    put(
        sets,
        InsnNames.of(f, opSize, c.addrSize == 0 ? 32 : c.addrSize, Math.max(0, c.cc)),
        plain ? new Candidate(f, -1, 0, -1) : kept);
  }

  /** Names that tell 64 bits from the rest only. */
  private static boolean unsuffixed(InsnForm f) {
    return switch (f.mnemonic()) {
      case SYSRET, SYSEXIT, FXSAVE, FXRSTOR, XSAVE, XRSTOR, XSAVEOPT, XSAVEC, XSAVES, XRSTORS ->
          true;
      default -> false;
    };
  }

  private static void put(Map<String, Set<Candidate>> sets, String name, Candidate c) {
    sets.computeIfAbsent(name, n -> new LinkedHashSet<>()).add(c);
  }
}
