package org.quern.tests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.accel.api.ExitCounts;
import org.quern.accel.software.Observation;
import org.quern.accel.software.Tiering;
import org.quern.accel.vtx.ExitNames;
import org.quern.accel.vtx.ExitSites;
import org.quern.accel.vtx.VtxAccelerator;
import org.quern.accel.vtx.VtxOptions;
import org.quern.x86.state.Reg;

/** Which VM exits guest code causes, what is known of them, and that they cost no memory. */
class VtxExitTest {
  private static final VtxOptions SHADOW = VtxOptions.of(false, false, false);

  /** Ten of each, and a page beyond RAM. */
  private static final String EXITS =
      """
      mov esi, 10
      again:
      xor eax, eax
      cpuid
      in al, 0x80
      out 0x80, al
      mov ecx, 0x10
      rdmsr
      mov ecx, 0x277
      rdmsr
      wrmsr
      dec esi
      jnz again
      """;

  private static Map<String, Long> counts(GuestMachine m) {
    return ((ExitCounts) m.vm())
        .exits().stream()
            .collect(Collectors.toMap(ExitCounts.Exit::reason, ExitCounts.Exit::count));
  }

  private static GuestMachine machine(VtxOptions options) throws Exception {
    return new GuestMachine(Vtx.with(options), Mode.LONG64);
  }

  @Test
  void instructionsExitOnceEachAndReadingTheTscDoesNot() throws Exception {
    GuestMachine m = machine(VtxOptions.DEFAULT).code(EXITS);
    m.run();
    assertThat(counts(m))
        .containsEntry("CPUID", 10L)
        .containsEntry("IO_INSTRUCTION", 20L)
        .containsEntry("RDMSR", 10L)
        .containsEntry("WRMSR", 10L)
        .containsEntry("HLT", 1L);
  }

  @Test
  void memoryExitsOnceForEachLargePageAndForEachAccessToADevice() throws Exception {
    GuestMachine m = machine(VtxOptions.DEFAULT);
    // The last entry of the page directory leads beyond RAM.
    m.bus.write64(0x12ff8, 0xfe00_0000L | 0x87);
    m.reg(Reg.RBX, 0x3fe0_0000L)
        .code("mov eax, [rbx]\nmov [rbx+8], eax\nmov eax, [0x600000]\nmov eax, [0x600008]");
    assertThat(m.run().reg(Reg.RAX)).isZero();
    // Two MMIO accesses; RAM at 0 and at 6 MiB.
    assertThat(counts(m)).containsEntry("EPT_VIOLATION", 4L);
  }

  @Test
  void withShadowTablesPagingExitsAndNoEptViolationExists() throws Exception {
    GuestMachine m =
        machine(SHADOW)
            .code(
                """
                mov rax, cr3
                mov cr3, rax
                mov ebx, 0x600000
                mov eax, [rbx]
                invlpg [rbx]
                mov eax, [rbx]
                """);
    m.run();
    assertThat(counts(m)).containsEntry("CR_ACCESS", 2L).containsEntry("INVLPG", 1L);
    assertThat(counts(m)).doesNotContainKey("EPT_VIOLATION");
    assertThat(counts(m).get("EXCEPTION_OR_NMI")).isGreaterThanOrEqualTo(3);
  }

  @Test
  void accessedAndDirtyAreSetByTheAccessThatNeedsThem() throws Exception {
    GuestMachine m = machine(SHADOW);
    // Entry 3 of the page directory, at 6 MiB: present, writable, user, large; neither A nor D.
    m.bus.write64(0x12018, 0x600000 | 0x87);
    m.code(
        """
        mov eax, [0x600000]
        mov rbx, [0x12018]
        mov [0x600000], eax
        mov rcx, [0x12018]
        """);
    GuestResult r = m.run();
    assertThat(r.reg(Reg.RBX) & 0x60).as("after a load").isEqualTo(0x20);
    assertThat(r.reg(Reg.RCX) & 0x60).as("after a store").isEqualTo(0x60);
  }

  @Test
  void supervisorWritesReadOnlyPagesWithoutWriteProtection() throws Exception {
    GuestMachine m = machine(SHADOW);
    m.bus.write64(0x12018, 0x600000 | 0x85);
    m.start.cr0 &= ~(1L << 16);
    GuestResult r =
        m.code(
                """
                mov dword [0x600000], 7
                mov ebx, [0x600000]
                mov rax, cr0
                bts rax, 16
                mov cr0, rax
                mov dword [0x600000], 8
                """)
            .run();
    assertThat(r.vector()).isEqualTo(14);
    assertThat(r.stack64(0)).isEqualTo(3);
    assertThat(r.reg(Reg.RBX)).isEqualTo(7);
  }

  @Test
  void lazyFpuExitsOnceForEachRun() throws Exception {
    GuestMachine m =
        machine(VtxOptions.of(true, true, true)).code("fninit\nfld1\nfldpi\naddps xmm0, xmm1");
    m.run();
    assertThat(counts(m)).containsEntry("EXCEPTION_OR_NMI", 1L);
    m.run();
    assertThat(counts(m)).containsEntry("EXCEPTION_OR_NMI", 2L);
  }

  @Test
  void pauseLoopsExitWhereTheyAreWatched() throws Exception {
    String loop = "mov esi, 1000\nagain: pause\ndec esi\njnz again";
    GuestMachine free = machine(VtxOptions.DEFAULT).code(loop);
    // Each look at the clock of this machine makes it 100 ticks later.
    GuestMachine sparse = machine(VtxOptions.DEFAULT.withPauseLoops(50, 4096)).code(loop);
    GuestMachine dense = machine(VtxOptions.DEFAULT.withPauseLoops(128, 4096)).code(loop);
    free.run();
    sparse.run();
    dense.run();
    assertThat(counts(free)).doesNotContainKey("PAUSE");
    assertThat(counts(sparse)).doesNotContainKey("PAUSE");
    assertThat(counts(dense).get("PAUSE")).isBetween(20L, 960L);
  }

  @Test
  void busiestPlaceIsNamed() throws Exception {
    GuestMachine m =
        machine(VtxOptions.DEFAULT).code("mov esi, 50\nagain: in al, 0x80\ndec esi\njnz again");
    m.run();
    ExitSites.Site first = ((ExitSites) m.vm()).busiest(1).get(0);
    assertThat(first.reason()).isEqualTo("IO_INSTRUCTION");
    assertThat(first.count()).isEqualTo(50);
    assertThat(first.rip()).isEqualTo(GuestMachine.CODE + 5);
  }

  @Test
  void logNamesEachExit() throws Exception {
    List<String> log = new ArrayList<>();
    VtxAccelerator accelerator =
        new VtxAccelerator(
            VtxOptions.DEFAULT,
            Tiering.INTERPRET,
            Observation.NONE,
            (cpu, reason, rip, q) -> log.add(ExitNames.of(reason) + " " + Long.toHexString(q)));
    new GuestMachine(accelerator, Mode.LONG64).code("out 0x80, al").run();
    // One byte, immediate operand, port 0x80.
    assertThat(log).contains("IO_INSTRUCTION 800040", "HLT 0");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void exitsAllocateNothing(boolean ept) throws Exception {
    GuestMachine m = machine(ept ? VtxOptions.DEFAULT : SHADOW);
    m.bus.write64(0x12ff8, 0xfe00_0000L | 0x87);
    m.reg(Reg.RBX, 0x3fe0_0000L)
        .code(EXITS.replace("esi, 10", "esi, 500").replace("in al", "mov edx, [rbx]\nin al"));
    m.run();
    m.run();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    m.run();
    long bytes = threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
    // 3,000 exits; what is left is the copy of the state that the test takes.
    assertThat(bytes).isLessThan(24_000);
  }
}
