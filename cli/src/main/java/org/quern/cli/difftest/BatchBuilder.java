package org.quern.cli.difftest;

import java.util.List;
import java.util.SplittableRandom;
import org.quern.x86.decode.EncodingSampler;
import org.quern.x86.decode.EncodingSampler.Sample;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.InsnForm;
import org.quern.x86.decode.Operand;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.Reg;

/** Fills guest RAM with random cases of random instructions. */
final class BatchBuilder {
  private static final int MEMORY_POOL = 1 << 16;

  /** Batches that take what they need from the same random memory and vector registers. */
  private static final int BUILDS_PER_POOL = 8;

  private final long ram;
  private final SplittableRandom random;
  private final List<InsnForm> forms;
  private final EncodingSampler sampler;
  private final VectorPool vectors;
  private final CaseInputs inputs;
  private int builds;
  private final long pool = HostMemory.allocate(MEMORY_POOL);

  BatchBuilder(long ram, SplittableRandom random, List<InsnForm> forms) {
    this.ram = ram;
    this.random = random;
    this.forms = forms;
    this.sampler = new EncodingSampler(random);
    this.vectors = new VectorPool(random);
    this.inputs = new CaseInputs(ram, random, vectors);
  }

  /**
   * Makes a batch.
   *
   * @param cases how many, at most
   * @param each cases of one instruction
   */
  Batch build(int cases, int each) {
    if (builds++ % BUILDS_PER_POOL == 0) {
      vectors.fill(ram);
      fillPool();
    }
    GuestImage.fillSpecial(ram);
    Batch b = new Batch();
    int limit = Math.min(cases, Layout.MAX_CASES);
    while (b.cases < limit && b.blocks < Layout.MAX_BLOCKS) {
      Sample s = sampler.sample(forms.get(random.nextInt(forms.size())));
      if (s == null || strays(s.insn())) {
        continue;
      }
      add(b, s, Math.min(each, limit - b.cases));
    }
    HostMemory.putLong(ram + Layout.BLOCKS + (long) b.blocks * Layout.BLOCK_BYTES, 0);
    return b;
  }

  /**
   * What would write into other cases' memory: a bit number that is also a part of the address; and
   * what KVM of the PVM kind emulates when it is not aligned, with a base of FS and GS that is not
   * the guest's.
   */
  private static boolean strays(Insn i) {
    return switch (i.mnemonic) {
      case BT, BTS, BTR, BTC -> {
        boolean register = i.op0.isMem() && i.op1.kind() == Operand.Kind.GPR;
        yield register && (i.op1.reg() == i.base || i.op1.reg() == i.index);
      }
      case FXSAVE, FXRSTOR, CMPXCHG16B -> i.segment == Reg.FS || i.segment == Reg.GS;
      default -> false;
    };
  }

  private void fillPool() {
    for (int n = 0; n < MEMORY_POOL; n += 8) {
      HostMemory.putLong(pool + n, vectors.memory());
    }
    for (int n = 0; n < MEMORY_POOL - 64; n += 448) {
      vectors.extended(pool + n);
    }
  }

  private void copyPool(long to, int bytes) {
    long from = pool + (random.nextInt(MEMORY_POOL - bytes) & -8);
    HostMemory.copy(from, to, bytes);
  }

  private void add(Batch b, Sample s, int count) {
    int n = b.blocks;
    CodeSlot slot = CodeSlot.fit(s, n, random);
    slot.write(ram);
    long d = ram + Layout.BLOCKS + (long) n * Layout.BLOCK_BYTES;
    HostMemory.putLong(d, Layout.slot(n) + Layout.SLOT_ENTRY);
    HostMemory.putLong(d + 8, Layout.caseAt(b.cases));
    HostMemory.putLong(d + 16, count);
    Insn i = slot.insn;
    boolean vector = usesVectors(i);
    for (int k = 0; k < count; k++) {
      long at = ram + Layout.caseAt(b.cases + k);
      copyPool(at + Layout.DATA, Layout.CASE_BYTES - Layout.DATA);
      long image = Layout.vectors(vectors.choose(i.form.vectorIndex() != 0));
      HostMemory.putLong(at + Layout.VECTORS_IN, vector || k == 0 ? image : 0);
      HostMemory.putLong(at + Layout.VECTORS_OUT, vector || k == count - 1 ? 1 : 0);
      inputs.write(slot, b.cases + k);
    }
    b.slots[n] = slot;
    b.firstCase[n] = b.cases;
    b.cases += count;
    b.blocks = n + 1;
    b.firstCase[n + 1] = b.cases;
  }

  /** Whether x87 or vector registers may take part, so that each case needs its own. */
  private static boolean usesVectors(Insn i) {
    return switch (i.mnemonic) {
      case INVALID -> false;
      case FWAIT, EMMS, FXSAVE, FXRSTOR, LDMXCSR, STMXCSR, VLDMXCSR, VSTMXCSR -> true;
      case VZEROALL, VZEROUPPER -> true;
      default -> i.form.x87() || i.form.vector();
    };
  }
}
