package org.quern.firmware.entry;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.quern.accel.api.CpuState;
import org.quern.firmware.FakeMemory;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

class EntryStateTest {
  private final FakeMemory memory = new FakeMemory(1 << 20, 0);

  /** Walks four levels by hand, the last a 2 MiB page. */
  private long translate(CpuState s, long linear) {
    long table = s.cr3;
    for (int shift = 39; shift > 21; shift -= 9) {
      long entry = memory.u64At(table + (linear >> shift & 511) * 8);
      assertThat(entry & 0x83).isEqualTo(3);
      table = entry & ~0xfffL;
    }
    long entry = memory.u64At(table + (linear >> 21 & 511) * 8);
    assertThat(entry & 0x83).isEqualTo(0x83);
    return (entry & ~0x1fffffL) + (linear & 0x1fffff);
  }

  @Test
  void mapsTheFirst4GOntoThemselves() {
    CpuState s = EntryState.longMode(memory, EntryState.LINUX_CODE, 0);
    for (long at = 0; at < 1L << 32; at += 0x1ff123) {
      assertThat(translate(s, at)).isEqualTo(at);
    }
  }

  @Test
  void hasADescriptorForEverySegment() {
    CpuState s = EntryState.longMode(memory, EntryState.LINUX_CODE, 0);
    assertDescriptor(s, s.seg[Reg.CS]);
    assertDescriptor(s, s.seg[Reg.DS]);
    assertDescriptor(s, s.tr);
    CpuState p = EntryState.protectedMode(memory, EntryState.OTHER_CODE, 0);
    assertDescriptor(p, p.seg[Reg.CS]);
    assertDescriptor(p, p.seg[Reg.SS]);
    assertDescriptor(p, p.tr);
  }

  private void assertDescriptor(CpuState s, Segment segment) {
    assertThat(segment.selector + 7).isLessThanOrEqualTo(s.gdtLimit);
    long d = memory.u64At(s.gdtBase + segment.selector);
    int attr = (int) (d >>> 40) & 0xf0ff;
    int limit = (int) (d & 0xffff | d >>> 32 & 0xf0000);
    if ((attr & Segment.G) != 0) {
      limit = limit << 12 | 0xfff;
    }
    assertThat(attr).isEqualTo(segment.attr);
    assertThat(limit).isEqualTo(segment.limit);
  }

  @Test
  void kernelMayComputeWithoutInitializingTheX87() {
    CpuState s = EntryState.protectedMode(memory, EntryState.OTHER_CODE, 0);
    assertThat(s.fpu.control).isEqualTo(0x37f);
    assertThat(s.fpu.tag).isEqualTo(0xffff);
  }
}
