package org.quern.machine.pc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.accel.api.VmConfig;
import org.quern.machine.chardev.FakeBackend;
import org.quern.machine.run.BootHook;
import org.quern.machine.run.FakeAccelerator;
import org.quern.machine.run.Machine;
import org.quern.machine.run.MachineEnd;
import org.quern.machine.run.MachineOptions;
import org.quern.machine.run.MachineWires;
import org.quern.x86.bus.GuestBus;
import org.quern.x86.state.CpuModel;

@Timeout(30)
final class PcBoardTest {
  private static final long MIB = 1L << 20;

  private final MachineWires wires = new MachineWires(2);
  private final FakeBackend com1 = new FakeBackend();
  private final FakeBackend com2 = new FakeBackend();
  private final PcConfig config =
      PcConfig.of(2, 8 * MIB, CpuModel.max())
          .withSerials(List.of(com1, com2))
          .withDebugExit(0xf4, 4);
  private final PcBoard board = new PcBoard(config, wires);
  private final VmConfig vm = board.vmConfig();
  private final GuestBus bus = vm.bus(0);

  private void out(int port, int value) {
    bus.portWrite(port, 1, value);
  }

  private int in(int port) {
    return bus.portRead(port, 1);
  }

  private int pci(int devfn, int register) {
    bus.portWrite(0xcf8, 4, 0x8000_0000 | devfn << 8 | register);
    return bus.portRead(0xcfc, 4);
  }

  private static int cmos(GuestBus bus, int index) {
    bus.portWrite(0x70, 1, index);
    return bus.portRead(0x71, 1);
  }

  /** Programs both 8259A with vectors 0x20 and 0x28 and unmasks everything. */
  private void initializePics() {
    for (int base : new int[] {0x20, 0xa0}) {
      out(base, 0x11);
      out(base + 1, base == 0x20 ? 0x20 : 0x28);
      out(base + 1, base == 0x20 ? 4 : 2);
      out(base + 1, 1);
      out(base + 1, 0);
    }
  }

  @Test
  void ramBelowAndAboveTheLegacyHole() {
    assertThat(bus.hostPage(0x9_f000)).isEqualTo(board.ram().lowHost() + 0x9_f000);
    assertThat(bus.hostPage(0xa_0000)).isZero();
    assertThat(bus.hostPage(MIB)).isEqualTo(board.ram().lowHost() + MIB);
    assertThat(bus.hostPage(8 * MIB)).isZero();
    assertThat(bus.mmioRead(0xffff_fff0L, 8)).isEqualTo(-1);
  }

  @ParameterizedTest
  @CsvSource({"3583, 3583, 0", "3584, 3072, 512", "4096, 3072, 1024"})
  void ramMovesAboveFourGibAsInQemu(long mib, long low, long high) {
    PcBoard big = new PcBoard(PcConfig.of(2, mib * MIB, CpuModel.max()), new MachineWires(2));

    assertThat(big.ram().lowBytes()).isEqualTo(low * MIB);
    assertThat(big.ram().highBytes()).isEqualTo(high * MIB);
    GuestBus b = big.vmConfig().bus(0);
    assertThat(b.hostPage(low * MIB)).isZero();
    assertThat(b.hostPage(1L << 32) != 0).isEqualTo(high > 0);
    int blocks = cmos(b, 0x5b) | cmos(b, 0x5c) << 8 | cmos(b, 0x5d) << 16;
    assertThat(blocks).isEqualTo(high * 16);
  }

  @Test
  void cmosTellsMemoryAndProcessors() {
    assertThat(cmos(bus, 0x15) | cmos(bus, 0x16) << 8).isEqualTo(640);
    assertThat(cmos(bus, 0x17) | cmos(bus, 0x18) << 8).isEqualTo(7 * 1024);
    assertThat(cmos(bus, 0x34) | cmos(bus, 0x35) << 8).isZero();
    assertThat(cmos(bus, 0x5f)).isEqualTo(1);
  }

  @Test
  void fwCfgListsTheMemoryMap() {
    assertThat(bus.portRead(0x514, 4)).isEqualTo(Integer.reverseBytes(0x51454d55));
    bus.portWrite(0x510, 2, 0x20);
    byte[] entry = new byte[20];
    for (int i = 0; i < entry.length; i++) {
      entry[i] = (byte) in(0x511);
    }
    byte[] expected = new byte[20];
    expected[10] = (byte) 0x80;
    expected[16] = 1;
    assertThat(entry).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"0, 0x12378086", "8, 0x70008086", "11, 0x71138086", "9, 0xffffffff"})
  void pciFunctionsAreWhereQemuHasThem(int devfn, String ids) {
    assertThat(pci(devfn, 0)).isEqualTo(Long.decode(ids).intValue());
  }

  @Test
  void eachProcessorSeesItsOwnLocalApic() {
    assertThat(vm.bus(0).mmioRead(0xfee0_0020L, 4)).isZero();
    assertThat(vm.bus(1).mmioRead(0xfee0_0020L, 4)).isEqualTo(1 << 24);
    assertThat(board.bus().mmioRead(0xfee0_0020L, 4)).isEqualTo(0xffff_ffffL);
  }

  @Test
  void theIoApicAndTheHpetAnswer() {
    bus.mmioWrite(0xfec0_0000L, 4, 1);
    assertThat(bus.mmioRead(0xfec0_0010L, 4) >> 16 & 0xff).isEqualTo(23);
    assertThat(bus.mmioRead(0xfed0_0000L, 4) >>> 16).isEqualTo(0x8086);
  }

  @ParameterizedTest
  @CsvSource({"0x3f9, 0x24", "0x2f9, 0x23"})
  void aSerialPortInterruptsThroughThePic(String enable, String vector) {
    initializePics();
    assertThat(vm.interrupts().get(0).acknowledge()).isEqualTo(-1);
    out(Integer.decode(enable), 2);

    assertThat(vm.interrupts().get(0).acknowledge()).isEqualTo(Integer.decode(vector));
  }

  @Test
  void aSerialPortInterruptsThroughTheIoApic() {
    bus.mmioWrite(0xfee0_00f0L, 4, 0x1ff);
    bus.mmioWrite(0xfec0_0000L, 4, 0x10 + 2 * 4);
    bus.mmioWrite(0xfec0_0010L, 4, 0x51);
    out(0x3f9, 2);

    assertThat(vm.interrupts().get(0).acknowledge()).isEqualTo(0x51);
  }

  @Test
  void thePitReachesPicInput0AndIoApicPin2() throws Exception {
    initializePics();
    bus.mmioWrite(0xfee0_00f0L, 4, 0x1ff);
    bus.mmioWrite(0xfec0_0000L, 4, 0x10 + 2 * 2);
    bus.mmioWrite(0xfec0_0010L, 4, 0x60);
    board.start();
    try {
      out(0x43, 0x34);
      out(0x40, 0xff);
      out(0x40, 0x01);
      int vector = -1;
      while (vector == -1) {
        Thread.sleep(1);
        vector = vm.interrupts().get(0).acknowledge();
      }
      assertThat(vector).isIn(0x20, 0x60);
      out(0x20, 0x0a);
      int fromPic = vector == 0x20 ? vector : vm.interrupts().get(0).acknowledge();
      assertThat(fromPic).isIn(0x20, 0x60);
    } finally {
      board.stop();
      board.close();
    }
  }

  @Test
  void firmwareSetupShadowsRoutesAndPlacesThePmBlock() {
    assertThat(bus.portRead(0x604, 2)).isEqualTo(0xffff);
    board.setUpAsFirmware();

    assertThat(bus.portRead(0x604, 2)).isZero();
    assertThat(bus.hostPageWritable(0xf_0000)).isTrue();
    assertThat(pci(8, 0x60)).isEqualTo(0x0b0b_0a0a);
    assertThat(in(0x4d1)).isEqualTo(0x0e);
  }

  @Test
  void firmwareSetupLetsTheTimerThroughAtVector8() throws InterruptedException {
    board.setUpAsFirmware();
    assertThat(in(0x21)).isEqualTo(0xfa);
    assertThat(in(0xa1)).isEqualTo(0xff);
    board.start();
    try {
      int vector = -1;
      for (int i = 0; i < 500 && vector < 0; i++) {
        Thread.sleep(2);
        vector = vm.interrupts().get(0).acknowledge();
      }
      assertThat(vector).isEqualTo(8);
    } finally {
      board.stop();
      board.close();
    }
  }

  @Test
  void thePitCanBeLeftOut() {
    PcConfig config = PcConfig.of(1, 16 * MIB, CpuModel.max()).withoutPit();
    PcBoard bare = new PcBoard(config, new MachineWires(1));
    bare.setUpAsFirmware();
    assertThat(bare.bus().portRead(0x40, 1)).isEqualTo(0xff);
    assertThat(bare.bus().portRead(0x61, 1)).isNotEqualTo(0xff);
  }

  @Test
  void theLocalApicFollowsItsBaseRegister() throws Exception {
    GuestBus cpu = vm.buses().get(0);
    long version = cpu.mmioRead(0xfee0_0030L, 4);
    vm.interrupts().get(0).writeMsr(0x1b, 0xfed4_0000L | 0x900);

    assertThat(cpu.mmioRead(0xfed4_0030L, 4)).isEqualTo(version);
    assertThat(cpu.mmioRead(0xfee0_0030L, 4)).isEqualTo(0xffff_ffffL);
  }

  @Test
  void thePowerButtonRaisesTheSciAsALevel() {
    board.setUpAsFirmware();
    initializePics();
    bus.portWrite(0x602, 2, 0x100);
    board.powerButton();

    assertThat(vm.interrupts().get(0).acknowledge()).isEqualTo(0x29);
    bus.portWrite(0x600, 2, 0x100);
    out(0xa0, 0x20);
    out(0x20, 0x20);
    assertThat(vm.interrupts().get(0).acknowledge()).isEqualTo(-1);
  }

  @Test
  void a20FollowsPort92AndOpensOnReset() {
    out(0x92, 0);
    assertThat(bus.hostPage(MIB)).isEqualTo(board.ram().lowHost());
    board.reset();
    assertThat(bus.hostPage(MIB)).isEqualTo(board.ram().lowHost() + MIB);
  }

  @Test
  void resetKeepsRamAndForgetsDevices() {
    byte[] one = {42};
    board.ramAccess().write(0x5000, one, 0, 1);
    board.setUpAsFirmware();
    out(0x80, 0x77);
    out(0x3ff, 0x55);
    assertThat(board.postCode()).isEqualTo(0x77);
    board.reset();

    byte[] back = new byte[1];
    board.dma().read(0x5000, back, 0, 1);
    assertThat(back).isEqualTo(one);
    assertThat(board.postCode()).isZero();
    assertThat(in(0x3ff)).isZero();
    assertThat(bus.portRead(0x604, 2)).isEqualTo(0xffff);
    assertThat(bus.hostPageWritable(0xf_0000)).isFalse();
  }

  @Test
  void floppyAndDmaControllersAreUnassigned() {
    long before = board.unassigned().portReads();
    assertThat(in(0x3f4)).isEqualTo(0xff);
    assertThat(in(0x08)).isEqualTo(0xff);
    assertThat(board.unassigned().portReads()).isEqualTo(before + 2);
  }

  private MachineEnd runUntil(MachineOptions options, Runnable guest) throws Exception {
    FakeAccelerator accelerator =
        new FakeAccelerator(
            cpu -> {
              if (cpu.index() == 0) {
                guest.run();
                return cpu.kicked();
              }
              return cpu.halted();
            });
    BootHook hook = vm -> board.setUpAsFirmware();
    try (Machine machine = new Machine(board, wires, accelerator, options, hook)) {
      return machine.run();
    }
  }

  @ParameterizedTest
  @CsvSource({"0xcf9, 6, port 0xcf9", "0x92, 1, port 0x92", "0x64, 0xfe, the keyboard controller"})
  void everyResetPortResets(String port, String value, String cause) throws Exception {
    MachineEnd end =
        runUntil(
            new MachineOptions(true, false, false),
            () -> out(Integer.decode(port), Integer.decode(value)));

    assertThat(end).isEqualTo(new MachineEnd(MachineEnd.Kind.RESET, 0, "reset by " + cause));
  }

  @Test
  void theHostBridgeResetsToo() throws Exception {
    MachineEnd end =
        runUntil(
            new MachineOptions(true, false, false),
            () -> {
              bus.portWrite(0xcf8, 4, 0x8000_0090);
              bus.portWrite(0xcff, 1, 6);
            });

    assertThat(end.message()).isEqualTo("reset by the host bridge");
  }

  @Test
  void sleepTypeZeroPowersOff() throws Exception {
    MachineEnd end = runUntil(MachineOptions.DEFAULT, () -> bus.portWrite(0x604, 2, 0x2000));

    assertThat(end.kind()).isEqualTo(MachineEnd.Kind.POWER_OFF);
  }

  @Test
  void isaDebugExitEndsWithItsCode() throws Exception {
    MachineEnd end = runUntil(MachineOptions.DEFAULT, () -> bus.portWrite(0xf4, 4, 0));

    assertThat(end).isEqualTo(new MachineEnd(MachineEnd.Kind.DEBUG_EXIT, 1, ""));
  }

  @Test
  void impossibleConfigurationsAreRefused() {
    assertThatThrownBy(() -> PcConfig.of(0, MIB, CpuModel.max()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PcConfig.of(255, MIB, CpuModel.max()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> config.withBios(new byte[PcConfig.MAX_BIOS_BYTES + 1]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new PcBoard(config, new MachineWires(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aBiosImageIsSeenAtTheResetVector() {
    byte[] image = new byte[64 << 10];
    image[image.length - 16] = (byte) 0xea;
    PcBoard withBios = new PcBoard(config.withBios(image), new MachineWires(2));

    assertThat(withBios.bus().mmioRead(0xffff_fff0L, 1)).isEqualTo(0xea);
    assertThat(withBios.bus().mmioRead(0xf_fff0L, 1)).isEqualTo(0xea);
  }
}
