package org.quern.machine.pc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.accel.api.VmConfig;
import org.quern.machine.chardev.FakeBackend;
import org.quern.machine.io.PortMap;
import org.quern.machine.run.MachineWires;
import org.quern.x86.bus.GuestBus;
import org.quern.x86.state.CpuModel;

/** Nothing a guest does to a port or a register is a Java error, and the lock is always let go. */
@Timeout(60)
final class PcBoardFuzzTest {
  private static final int ACCESSES = 40_000;
  private static final int[] PORT_SIZES = {1, 2, 4};
  private static final int[] MEMORY_SIZES = {1, 2, 4, 8};
  private static final long[] WINDOWS = {
    PcLayout.IOAPIC, PcLayout.HPET, PcLayout.LAPIC, 0xa_0000, 0xf_0000, 0xffff_f000L
  };

  private final MachineWires wires = new MachineWires(2);
  private final PcBoard board =
      new PcBoard(
          PcConfig.of(2, 4 << 20, CpuModel.max())
              .withSerials(List.of(new FakeBackend(), new FakeBackend()))
              .withDebugConsole(PcLayout.DEBUG_CONSOLE, new FakeBackend())
              .withDebugExit(PcLayout.DEBUG_EXIT, 2),
          wires);
  private final List<String> recent = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void randomAccessesHarmNothing(long seed) {
    VmConfig vm = board.vmConfig();
    Random random = new Random(seed);
    List<PortMap.Range> ranges = board.ports().ranges();
    board.setUpAsFirmware();
    board.start();
    try {
      for (int i = 0; i < ACCESSES; i++) {
        int cpu = random.nextInt(2);
        if (random.nextInt(4) == 0) {
          memory(vm.bus(cpu), random);
        } else {
          port(vm.bus(cpu), random, ranges);
        }
        if (random.nextInt(64) == 0) {
          vm.interrupts().get(cpu).acknowledge();
        }
      }
    } catch (RuntimeException e) {
      fail("seed " + seed + " after " + recent, e);
    } finally {
      board.stop();
      board.close();
    }
    assertThat(wires.lock().isLocked()).isFalse();
    board.reset();
    assertThat(vm.bus(0).portRead(PcLayout.COM1 + 5, 1)).isEqualTo(0x60);
  }

  private void port(GuestBus bus, Random random, List<PortMap.Range> ranges) {
    PortMap.Range r = ranges.get(random.nextInt(ranges.size()));
    int port =
        random.nextInt(16) == 0
            ? random.nextInt(0x10000)
            : Math.max(0, r.first() + random.nextInt(r.count() + 4) - 2);
    int size = PORT_SIZES[random.nextInt(PORT_SIZES.length)];
    int value = random.nextBoolean() ? random.nextInt() : random.nextInt(256);
    if (port == PcLayout.PCI_CONFIG && size == 4) {
      value = 0x8000_0000 | random.nextInt(16) << 8 | random.nextInt(256);
    }
    if (random.nextBoolean()) {
      note("in%d %x", size, port);
      int v = bus.portRead(port, size);
      assertThat(size == 4 ? 0 : v >>> 8 * size).isZero();
    } else {
      note("out%d %x=%x", size, port, value);
      bus.portWrite(port, size, value);
    }
  }

  private void memory(GuestBus bus, Random random) {
    long address = WINDOWS[random.nextInt(WINDOWS.length)] + random.nextInt(0x1000);
    int size = MEMORY_SIZES[random.nextInt(MEMORY_SIZES.length)];
    // The MMU splits what crosses a page.
    address = Math.min(address, (address | 0xfff) + 1 - size);
    if (random.nextBoolean()) {
      note("read%d %x", size, address);
      bus.mmioRead(address, size);
    } else {
      long value = random.nextLong();
      note("write%d %x=%x", size, address, value);
      bus.mmioWrite(address, size, value);
    }
  }

  private void note(String format, Object... what) {
    if (recent.size() == 8) {
      recent.remove(0);
    }
    recent.add(String.format(format, what));
  }
}
