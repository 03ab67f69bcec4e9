package org.quern.x86.decode;

import java.util.EnumSet;
import java.util.Set;
import org.quern.x86.state.RFlags;

/**
 * What is common to all forms of a mnemonic: effect on flags and on the flow of pre-decoded
 * execution. Source: SDM vol. 1, appendix A (flags).
 *
 * @param read RFLAGS bits it depends on
 * @param written RFLAGS bits it defines
 * @param undefined RFLAGS bits it leaves undefined
 * @param conditional whether written and undefined flags may also stay as they were
 * @param endsBlock see {@link InsnForm#endsBlock}
 */
record MnemonicTraits(
    int read, int written, int undefined, boolean conditional, boolean endsBlock) {

  /**
   * Names, then {@code r:} read, {@code w:} written, {@code u:} undefined; {@code ?} conditional.
   * The flags are O S Z A P C D I T N (NT) V (VM and RF, VIF, VIP, AC, ID: the others).
   */
  private static final String FLAGS =
      """
      ADD SUB CMP NEG XADD CMPXCHG w:OSZAPC
      ADC SBB r:C w:OSZAPC
      OR AND XOR TEST w:OSZPC u:A
      INC DEC w:OSZAP
      MUL IMUL w:OC u:SZAP
      DIV IDIV u:OSZAPC
      ROL ROR w:OC u:O ?
      RCL RCR r:C w:OC u:O ?
      SHL SHR SAR w:OSZPC u:OA ?
      SHLD SHRD w:OSZPC u:OA ?
      BT BTS BTR BTC w:C u:OSAP
      BSF BSR w:Z u:OSAPC
      TZCNT LZCNT w:ZC u:OSAP
      POPCNT w:OSZAPC
      DAA DAS r:AC w:SZAPC u:O
      AAA AAS r:A w:AC u:OSZP
      AAM AAD w:SZP u:OAC
      CMPXCHG8B CMPXCHG16B w:Z
      LAHF r:SZAPC
      SAHF w:SZAPC
      SALC r:C
      SETMO w:OSZAPC ?
      CMOVCC SETCC JCC FCMOVCC r:OSZPC
      LOOPE LOOPNE r:Z
      PUSHF r:OSZAPCDITNV
      POPF w:OSZAPCDITNV
      IRET r:NV w:OSZAPCDITNV
      INTO INT INT1 INT3 r:OSZAPCDITNV w:ITNV
      CALL_FAR JMP_FAR r:OSZAPCDITNV
      HLT VMCALL VMMCALL VMFUNC VMRUN r:OSZAPCDITNV
      SYSCALL r:OSZAPCDITNV w:OSZAPCDITNV
      SYSRET w:OSZAPCDITNV
      SYSENTER w:IV
      RSM VMLAUNCH VMRESUME r:OSZAPCDITNV w:OSZAPCDITNV
      MOVS LODS STOS INS OUTS r:D
      CMPS SCAS r:D w:OSZAPC ?
      CLC STC w:C
      CMC r:C w:C
      CLD STD w:D
      CLI STI w:IV
      STAC CLAC w:V
      ARPL LAR LSL VERR VERW w:Z
      FCOMI FCOMIP FUCOMI FUCOMIP COMISS COMISD UCOMISS UCOMISD w:OSZAPC
      PTEST PCMPESTRI PCMPESTRM PCMPISTRI PCMPISTRM w:OSZAPC
      RDRAND RDSEED w:OSZAPC
      ADCX r:C w:C
      ADOX r:O w:O
      VMXON VMXOFF VMCLEAR VMPTRLD VMPTRST VMREAD VMWRITE INVEPT INVVPID w:OSZAPC
      VCOMISS VCOMISD VUCOMISS VUCOMISD VPTEST VTESTPS VTESTPD w:OSZAPC
      VPCMPESTRI VPCMPESTRM VPCMPISTRI VPCMPISTRM w:OSZAPC
      ANDN w:OSZC u:AP
      BLSR BLSMSK BLSI w:OSZC u:AP
      BEXTR w:OZC u:SAP
      BZHI w:OSZC u:AP
      """;

  private static final Set<Mnemonic> ENDS_BLOCK =
      EnumSet.of(
          Mnemonic.INVALID,
          Mnemonic.TOO_LONG,
          Mnemonic.TRUNCATED,
          Mnemonic.JMP,
          Mnemonic.JMP_FAR,
          Mnemonic.CALL,
          Mnemonic.CALL_FAR,
          Mnemonic.RET,
          Mnemonic.RET_FAR,
          Mnemonic.JCC,
          Mnemonic.JCXZ,
          Mnemonic.LOOP,
          Mnemonic.LOOPE,
          Mnemonic.LOOPNE,
          Mnemonic.INT,
          Mnemonic.INT1,
          Mnemonic.INT3,
          Mnemonic.INTO,
          Mnemonic.IRET,
          Mnemonic.UD0,
          Mnemonic.UD1,
          Mnemonic.UD2,
          Mnemonic.SYSCALL,
          Mnemonic.SYSRET,
          Mnemonic.SYSENTER,
          Mnemonic.SYSEXIT,
          Mnemonic.POPF,
          Mnemonic.CLI,
          Mnemonic.STI,
          Mnemonic.OUT,
          Mnemonic.OUTS,
          Mnemonic.LMSW,
          Mnemonic.CLTS,
          Mnemonic.MOV_CR,
          Mnemonic.MOV_DR,
          Mnemonic.INVD,
          Mnemonic.WBINVD,
          Mnemonic.WBNOINVD,
          Mnemonic.INVLPG,
          Mnemonic.INVPCID,
          Mnemonic.HLT,
          Mnemonic.RSM,
          Mnemonic.WRMSR,
          Mnemonic.CPUID,
          Mnemonic.SERIALIZE,
          Mnemonic.SWAPGS,
          Mnemonic.XSETBV,
          Mnemonic.STAC,
          Mnemonic.CLAC,
          Mnemonic.WRPKRU,
          Mnemonic.MWAIT,
          Mnemonic.PAUSE,
          Mnemonic.XRSTOR,
          Mnemonic.XRSTORS,
          Mnemonic.VMCALL,
          Mnemonic.VMMCALL,
          Mnemonic.VMLAUNCH,
          Mnemonic.VMRESUME,
          Mnemonic.VMXOFF,
          Mnemonic.VMXON,
          Mnemonic.VMCLEAR,
          Mnemonic.VMPTRLD,
          Mnemonic.VMPTRST,
          Mnemonic.VMREAD,
          Mnemonic.VMWRITE,
          Mnemonic.VMFUNC,
          Mnemonic.INVEPT,
          Mnemonic.INVVPID,
          Mnemonic.VMRUN,
          Mnemonic.VMLOAD,
          Mnemonic.VMSAVE,
          Mnemonic.STGI,
          Mnemonic.CLGI,
          Mnemonic.SKINIT,
          Mnemonic.INVLPGA);

  private static final MnemonicTraits[] TABLE = build();

  static MnemonicTraits of(Mnemonic m) {
    return TABLE[m.ordinal()];
  }

  private static MnemonicTraits[] build() {
    Mnemonic[] all = Mnemonic.values();
    MnemonicTraits[] table = new MnemonicTraits[all.length];
    for (Mnemonic m : all) {
      table[m.ordinal()] = new MnemonicTraits(0, 0, 0, false, ENDS_BLOCK.contains(m));
    }
    for (String line : FLAGS.split("\n", -1)) {
      if (!line.isEmpty()) {
        addFlags(table, line);
      }
    }
    return table;
  }

  private static void addFlags(MnemonicTraits[] table, String line) {
    String[] words = line.split(" ", -1);
    int read = 0;
    int written = 0;
    int undefined = 0;
    boolean conditional = false;
    int names = 0;
    for (String w : words) {
      if (w.startsWith("r:")) {
        read = flags(w);
      } else if (w.startsWith("w:")) {
        written = flags(w);
      } else if (w.startsWith("u:")) {
        undefined = flags(w);
      } else if (w.equals("?")) {
        conditional = true;
      } else {
        names++;
      }
    }
    for (int n = 0; n < names; n++) {
      int m = Mnemonic.valueOf(words[n]).ordinal();
      table[m] = new MnemonicTraits(read, written, undefined, conditional, table[m].endsBlock);
    }
  }

  private static int flags(String s) {
    int f = 0;
    for (int n = 2; n < s.length(); n++) {
      f |=
          switch (s.charAt(n)) {
            case 'O' -> RFlags.OF;
            case 'S' -> RFlags.SF;
            case 'Z' -> RFlags.ZF;
            case 'A' -> RFlags.AF;
            case 'P' -> RFlags.PF;
            case 'C' -> RFlags.CF;
            case 'D' -> RFlags.DF;
            case 'I' -> RFlags.IF;
            case 'T' -> RFlags.TF;
            case 'N' -> RFlags.NT;
            case 'V' ->
                RFlags.VM
                    | RFlags.RF
                    | RFlags.VIF
                    | RFlags.VIP
                    | RFlags.AC
                    | RFlags.ID
                    | RFlags.IOPL;
            default -> throw new IllegalStateException("flag letter in " + s);
          };
    }
    return f;
  }
}
