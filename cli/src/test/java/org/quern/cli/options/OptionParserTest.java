package org.quern.cli.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.accel.kvm.IrqChip;
import org.quern.firmware.EntryMode;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuModel;

class OptionParserTest {
  private final OptionParser parser = new OptionParser(16L << 30);
  @TempDir private Path folder;
  private Path kernel;

  @BeforeEach
  void makeKernel() throws IOException {
    kernel = Files.write(folder.resolve("vmlinuz"), new byte[] {1});
  }

  private RunOptions run(String... more) throws OptionException {
    String[] words = Arrays.copyOf(more, more.length + 2);
    words[more.length] = "-kernel";
    words[more.length + 1] = kernel.toString();
    return ((Parsed.Run) parser.parse(List.of(words))).options();
  }

  private void assertRefused(String message, String... words) {
    assertThatThrownBy(() -> run(words))
        .isInstanceOf(OptionException.class)
        .hasMessageContaining(message);
  }

  @Test
  void defaultsAreThoseOfQemuWithTheConsoleOnTheTerminal() throws OptionException {
    RunOptions o = run();
    assertThat(o.memoryBytes()).isEqualTo(128L << 20);
    assertThat(o.cpus()).isEqualTo(1);
    assertThat(o.accel()).isEqualTo(AccelKind.JIT);
    assertThat(o.serials()).containsExactly(new CharSpec.Stdio(true));
    assertThat(o.monitor()).isEqualTo(new CharSpec.None());
    assertThat(o.boot()).isEqualTo(new Boot.Kernel(kernel, Optional.empty(), "", EntryMode.AUTO));
    assertThat(o.noReboot() || o.noShutdown() || o.startStopped()).isFalse();
  }

  @Test
  void readsWholeCommandLine() throws OptionException {
    RunOptions o =
        run(
            "-m",
            "1G",
            "-smp",
            "2",
            "-cpu",
            "max,-pcid",
            "-accel",
            "interp",
            "-M",
            "pc",
            "-append",
            "console=ttyS0 -x, y",
            "-initrd",
            kernel.toString(),
            "-serial",
            "null",
            "-serial",
            "file:out.log",
            "-display",
            "none",
            "-device",
            "isa-debug-exit,iobase=0xf4,iosize=0x04",
            "-no-reboot",
            "-d",
            "stats");
    assertThat(o.memoryBytes()).isEqualTo(1L << 30);
    assertThat(o.cpus()).isEqualTo(2);
    assertThat(o.cpu().has(CpuFeature.PCID)).isFalse();
    assertThat(o.cpu().has(CpuFeature.LM)).isTrue();
    assertThat(o.boot())
        .isEqualTo(
            new Boot.Kernel(
                kernel, Optional.of(kernel.toString()), "console=ttyS0 -x, y", EntryMode.AUTO));
    assertThat(o.serials())
        .containsExactly(new CharSpec.Null(), new CharSpec.ToFile(Path.of("out.log")));
    assertThat(o.debugExit()).contains(new DebugExit(0xf4, 4));
    assertThat(o.noReboot()).isTrue();
    assertThat(o.log()).isEqualTo(Set.of(LogItem.STATS));
  }

  // What QEMU 7.2 says, but for the name of the accelerator.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "max,+avx512f | interp | interp doesn't support requested feature: CPUID.07H:EBX.avx512f [bit 16]",
        "max,+avx512f | tcg | jit doesn't support requested feature: CPUID.07H:EBX.avx512f [bit 16]",
        "max,+tsx-ctrl | jit | jit doesn't support requested feature: MSR(10AH).tsx-ctrl [bit 7]",
        "max,+kvmclock | jit | jit doesn't support requested feature: CPUID.40000001H:EAX.kvmclock [bit 0]",
        "Haswell-noTSX,+mds-no | jit | This feature depends on other features that were not requested: MSR(10AH).mds-no [bit 5]",
        "max,+full-width-write | jit | This feature depends on other features that were not requested: MSR(345H).full-width-write [bit 13]",
        "max,+mds-no,+rdctl-no | jit | ''",
        "max,+vmx,+vmx-exit-clear-rtit-ctl | jit | jit doesn't support requested feature: MSR(48FH).vmx-exit-clear-rtit-ctl [bit 25]",
        "max,+vmx-ept | jit | This feature depends on other features that were not requested: MSR(48BH).vmx-ept [bit 1]",
        "max,+vmx,+vmx-ept,+vmx-cr3-load-noexit,+vmx-mbec,-vmx-exit-clear-rtit-ctl | jit | ''",
        "max,-vmx-ept | jit | ''",
        "max,-arch-capabilities | jit | ''"
      })
  void whatAModelLacksIsToldOfTheAcceleratorInUse(String cpu, String accel, String warning)
      throws OptionException {
    RunOptions o = run("-cpu", cpu, "-accel", accel);
    if (warning.isEmpty()) {
      assertThat(o.warnings()).isEmpty();
    } else {
      assertThat(o.warnings()).containsExactly(warning);
    }
  }

  @Test
  void featuresInMsrsCanBeSwitched() throws OptionException {
    assertThat(run("-cpu", "max,-mds-no").cpu().features())
        .contains(CpuFeature.RDCTL_NO)
        .doesNotContain(CpuFeature.MDS_NO);
    assertThat(run("-cpu", "max,-arch-capabilities").cpu().features())
        .doesNotContain(CpuFeature.RDCTL_NO);
  }

  @Test
  void translationCanBeReportedWhereCodeIsTranslated() throws OptionException {
    RunOptions o = run("-accel", "jit", "-d", "in_asm,op,out_asm");
    assertThat(o.log()).isEqualTo(Set.of(LogItem.IN_ASM, LogItem.OP, LogItem.OUT_ASM));
  }

  @ParameterizedTest
  @ValueSource(strings = {"in_asm", "op", "out_asm"})
  void translationCannotBeReportedWhereNoneIs(String item) {
    assertRefused(
        "-d " + item + ": nothing is translated without -accel jit",
        "-accel",
        "interp",
        "-d",
        item);
  }

  @Test
  void aBadLogItemIsAnsweredWithTheGoodOnes() {
    assertRefused(
        "-d int: no such item, or not supported yet; known are stats, in_asm, op, out_asm, exits, post, unimp",
        "-d",
        "stats,int");
  }

  @Test
  void parallelPortAndPostPortAreOneEach() throws OptionException {
    RunOptions o = run("-parallel", "null", "-machine", "post-port=0x3bc", "-d", "post");

    assertThat(o.parallel()).contains(new CharSpec.Null());
    assertThat(o.postPort()).hasValue(0x3bc);
    assertThat(run().parallel()).isEmpty();
    assertRefused("one parallel port only", "-parallel", "null", "-parallel", "none");
    assertRefused("-machine post-port", "-machine", "post-port=0x10000");
  }

  @Test
  void biosIsStartedInsteadOfKernel() throws OptionException {
    RunOptions o = ((Parsed.Run) parser.parse(List.of("-bios", kernel.toString()))).options();
    assertThat(o.boot()).isEqualTo(new Boot.Bios(kernel));
    assertThat(o.debugconPort()).isEqualTo(0xe9);
  }

  @Test
  void biosWithKernelIsRefused() {
    assertRefused("-bios: firmware cannot be given a -kernel yet", "-bios", kernel.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"-append", "-initrd"})
  void whatOnlyAKernelTakesIsRefusedWithoutOne(String option) {
    for (List<String> words :
        List.of(
            List.of("-bios", kernel.toString(), option, kernel.toString()),
            List.of(option, kernel.toString()))) {
      assertThatThrownBy(() -> parser.parse(words))
          .isInstanceOf(OptionException.class)
          .hasMessage(option + ": only allowed with -kernel");
    }
  }

  @Test
  void kernelEntryIsRefusedWithoutAKernel() {
    List<String> words = List.of("-bios", kernel.toString(), "-machine", "pc,kernel-entry=32");
    assertThatThrownBy(() -> parser.parse(words))
        .isInstanceOf(OptionException.class)
        .hasMessage("-machine kernel-entry: only allowed with -kernel");
  }

  @Test
  void oneDebugConsoleOnly() {
    assertRefused("one debug console only", "-debugcon", "file:a", "-debugcon", "file:b");
  }

  @Test
  void aSecondMachineOptionTakesNothingAway() throws OptionException {
    RunOptions o =
        run("-machine", "pc,pit=off,symbols=" + kernel, "-M", "accel=jit", "-M", "kernel-entry=64");
    assertThat(o.symbols()).contains(kernel);
    assertThat(o.pit()).isFalse();
    assertThat(o.accel()).isEqualTo(AccelKind.JIT);
  }

  @Test
  void aDoubledCommaInAModuleIsOne() throws Exception {
    Files.createFile(folder.resolve("a,b"));
    Files.createFile(folder.resolve("c"));
    String modules = folder + "/a,,b first," + folder + "/c";
    assertThat(((Boot.Kernel) run("-initrd", modules).boot()).initrd()).contains(modules);
    assertRefused("there is no such file", "-initrd", folder + "/a,,c," + folder + "/c");
  }

  @Test
  void debugConsoleCanBeMoved() throws OptionException {
    RunOptions o = run("-debugcon", "file:log", "-global", "isa-debugcon.iobase=0x402");
    assertThat(o.debugconPort()).isEqualTo(0x402);
  }

  @Test
  void unknownPropertyIsRefusedByName() {
    assertRefused("-global hpet.msi=on: no such property", "-global", "hpet.msi=on");
  }

  @Test
  void optionsMayHaveTwoDashes() throws OptionException {
    assertThat(run("--m", "64").memoryBytes()).isEqualTo(64L << 20);
  }

  @Test
  void laterOptionWins() throws OptionException {
    assertThat(run("-m", "64", "-m", "32").memoryBytes()).isEqualTo(32L << 20);
  }

  @Test
  void atFilesAndVariablesAreLeftAlone() throws OptionException {
    assertThat(((Boot.Kernel) run("-append", "@file ${user.home} 'x'").boot()).append())
        .isEqualTo("@file ${user.home} 'x'");
  }

  @Test
  void valueMayLookLikeAnOption() throws OptionException {
    assertThat(((Boot.Kernel) run("-append", "-v").boot()).append()).isEqualTo("-v");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-m 0 | a machine needs 1 MiB",
        "-m 1T | more than the board can address",
        "-m 100G | the host itself has only 16 GiB",
        "-m 99999999999999999999 | -m 99999999999999999999",
        "-m 1048577b | not a whole number of 4 KiB pages",
        "-m 64,slots=2 | -m slots=2",
        "-smp 0 | 1 to 64 processors",
        "-smp 1000000 | 1 to 64 processors",
        "-smp two | -smp cpus=two: not a number",
        "-smp 4,cores=2 | -smp cores=2",
        "-cpu haswel | -cpu haswel: no such model; did you mean Haswell?",
        "-cpu host | with -accel kvm only",
        "-cpu max,vendor=Intel | must be 12 ASCII characters",
        "-cpu max,phys-bits=31 | must be 32 to 52",
        "-cpu max,phys-bits=53 | more than 52",
        "-cpu max,+avx512f,enforce | jit doesn't support requested feature: CPUID.07H:EBX.avx512f [bit 16]",
        "-cpu max,+vmx,-vmx-ept | -cpu vmx-ept=off: abilities of VMX cannot be taken away one by one",
        "-cpu max,+smet | smet is not a CPU feature; did you mean smep?",
        "-cpu max,+fish | fish is not a CPU feature",
        "-accel kvm,kernel_irqchip=maybe | kernel_irqchip=maybe: must be on, off or split",
        "-accel kvm,threshold=3 | -accel threshold=3",
        "-accel kvm -machine accel=tcg | use it or -accel, not both",
        "-accel warp | known are interp, jit, vtx and kvm",
        "-accel vtx,ept=maybe | not a switch",
        "-accel vtx,fpu=hot | write lazy or eager",
        "-accel vtx,speed=9 | known are ept, fpu, unrestricted, ple_gap, ple_window, threshold",
        "-accel vtx,ple_gap=long | a number of ticks",
        "-accel vtx,ept=off,unrestricted=on | not without EPT",
        "-d exits | no VM exits without -accel vtx",
        "-accel interp,thread=multi | -accel thread=multi",
        "-accel interp,threshold=3 | -accel threshold=3",
        "-accel jit,threshold=0 | -accel jit,threshold=0: a number from 1 up",
        "-accel jit,threshold=x | -accel jit,threshold=x: a number from 1 up",
        "-machine q35 | -machine q35: no such board yet",
        "-machine pc,nvdimm=on | -machine nvdimm=on",
        "-display gtk | use -display none",
        "-serial pty | -serial pty: this back end is not supported",
        "-serial tcp::4444 | -serial tcp::4444",
        "-serial file: | needs a path",
        "-device e1000 | -device e1000: no such device yet; known are isa-debug-exit, pc-testdev and pci-testdev",
        "-device isa-debug-exit,iobase=0x10000 | more than 65535",
        "-device isa-debug-exit,iosize=3 | must be 1, 2 or 4",
        "-device isa-debug-exit,irq=3 | -device irq=3",
        "-d exec | -d exec: no such item",
        "-device pci-testdev,membar=1 | -device membar=1",
        "-device pc-testdev -device pc-testdev | there can be one pc-testdev only",
        "-global PIIX4_PM.disable_s3=1 | no such property, or not supported yet",
        "-icount shift=auto | time that adapts to the host is not supported",
        "-icount shift=11 | -icount shift=11: more than 10",
        "-icount 3,align=on | -icount align=on: slowing the guest down",
        "-icount 3,rr=record | -icount rr=record: no such property",
        "-icount 3 -smp 2 | -icount: only a machine of one processor",
        "-rtc base=now | -rtc base=now: write utc",
        "-rtc clock=vm | -rtc clock=vm: no such property",
        "-drive file=x | -drive: there are no disks yet",
        "-nic user | use -nic none",
        "-kernal x | did you mean -kernel?",
        "-zzzzzz | -zzzzzz: no such option",
        "disk.img | disk.img: not an option",
        "-serial stdio -debugcon stdio | stdio can belong to one",
        "-serial null -serial null -serial null -serial null -serial null | four serial ports",
        "-serial none -serial null | no other serial port can follow",
        "-machine kernel-entry=16 | -machine kernel-entry=16: unknown",
        "-S -display none | -S: nothing could ever start"
      })
  void refusesByName(String words, String message) {
    assertRefused(message, words.trim().split(" "));
  }

  @Test
  void timeMayCountInstructionsFromADateOn() throws Exception {
    RunOptions o = run("-icount", "shift=4,sleep=off", "-rtc", "base=2026-01-31T23:59:59");
    assertThat(o.icount()).contains(new Icount(4, false));
    assertThat(o.rtc().base()).contains(Instant.parse("2026-01-31T23:59:59Z"));
    o = run("-icount", "0", "-rtc", "base=2026-01-31");
    assertThat(o.icount()).contains(new Icount(0, true));
    assertThat(o.rtc().base()).contains(Instant.parse("2026-01-31T00:00:00Z"));
    assertThat(run("-rtc", "base=utc").rtc().base()).isEmpty();
  }

  @Test
  void missingValueIsNamed() {
    assertThatThrownBy(() -> parser.parse(List.of("-m"))).hasMessage("-m: requires a value");
  }

  @Test
  void nothingToBootIsRefused() {
    assertThatThrownBy(() -> parser.parse(List.of("-m", "64")))
        .hasMessageContaining("nothing to boot");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-initrd", "-append"})
  void needsKernel(String option) {
    assertThatThrownBy(() -> parser.parse(List.of(option, kernel.toString())))
        .hasMessage(option + ": only allowed with -kernel");
  }

  @Test
  void missingKernelIsNamed() {
    assertThatThrownBy(() -> parser.parse(List.of("-kernel", "/no/such")))
        .hasMessage("-kernel /no/such: could not open kernel: there is no such file");
  }

  @Test
  void folderIsNoInitrd() {
    assertRefused("is a folder", "-initrd", folder.toString());
  }

  @Test
  void displayNoneLeavesTheTerminalAlone() throws OptionException {
    RunOptions o = run("-display", "none");
    assertThat(o.serials()).containsExactly(new CharSpec.Null());
    assertThat(o.usesStdio()).isFalse();
  }

  @Test
  void serialNoneMeansNoPort() throws OptionException {
    assertThat(run("-serial", "null", "-serial", "none").serials())
        .containsExactly(new CharSpec.Null());
  }

  @Test
  void multibootModulesAreCheckedOneByOne() throws OptionException {
    String modules = kernel + " arg=1," + kernel;
    assertThat(((Boot.Kernel) run("-initrd", modules).boot()).initrd()).contains(modules);
    assertRefused(
        "-initrd /no/such: could not open initrd: there is no such file",
        "-initrd",
        kernel + " x,/no/such y");
  }

  @Test
  void linuxPresetAddsToTheCommandLineOfTheUser() throws OptionException {
    String k = kernel.toString();
    Parsed parsed = parser.parse(List.of("-append", "quiet", "-smp", "2"), Preset.linux(k, k));
    RunOptions o = ((Parsed.Run) parsed).options();
    assertThat(o.boot())
        .isEqualTo(new Boot.Kernel(kernel, Optional.of(k), "console=ttyS0 quiet", EntryMode.AUTO));
    assertThat(o.memoryBytes()).isEqualTo(512L << 20);
    assertThat(o.noReboot()).isFalse();
  }

  @Test
  void optionsOfKvmUnitTestsAreUnderstood() throws OptionException {
    RunOptions o =
        run(
            "--no-reboot",
            "-nodefaults",
            "-global",
            "kvm-pit.lost_tick_policy=discard",
            "-device",
            "pc-testdev",
            "-device",
            "isa-debug-exit,iobase=0xf4,iosize=0x4",
            "-vnc",
            "none",
            "-serial",
            "stdio",
            "-machine",
            "accel=tcg",
            "-machine",
            "pit=off");
    assertThat(o.testDevice()).isTrue();
    assertThat(o.pit()).isFalse();
    assertThat(o.debugExit()).contains(new DebugExit(0xf4, 4));
    assertThat(o.accel()).isEqualTo(AccelKind.JIT);
  }

  @Test
  void modelChangesVendorFeaturesAndAddressWidth() throws OptionException {
    CpuModel cpu =
        run("-cpu", "qemu64,+x2apic,-nx,vendor=GenuineIntel,phys-bits=36,host-phys-bits=off").cpu();
    assertThat(cpu.name()).isEqualTo("qemu64");
    assertThat(cpu.vendor()).isEqualTo("GenuineIntel");
    assertThat(cpu.physicalBits()).isEqualTo(36);
    assertThat(cpu.has(CpuFeature.X2APIC)).isTrue();
    assertThat(cpu.has(CpuFeature.NX)).isFalse();
    assertThat(cpu.has(CpuFeature.PCID)).isFalse();
  }

  @Test
  void nodefaultsMeansNoSerialPort() throws OptionException {
    assertThat(run("-nodefaults", "-nographic").serials()).isEmpty();
  }

  @Test
  void monitorMayHaveStdioToItself() throws OptionException {
    RunOptions o = run("-serial", "null", "-monitor", "stdio");
    assertThat(o.monitor()).isEqualTo(new CharSpec.Stdio(false));
    assertThat(o.usesStdio()).isTrue();
  }

  @Test
  void acceleratorsAreTriedInOrder() throws Exception {
    assertThat(kinds("-accel", "kvm", "-accel", "tcg"))
        .containsExactly(AccelKind.KVM, AccelKind.JIT);
    assertThat(kinds("-machine", "pc,accel=kvm:tcg")).containsExactly(AccelKind.KVM, AccelKind.JIT);
    assertThat(kinds("-enable-kvm", "-cpu", "host")).containsExactly(AccelKind.KVM);
    RunOptions o = run("-accel", "kvm", "-machine", "kernel_irqchip=split");
    assertThat(o.accels().get(0).irqChip()).isEqualTo(IrqChip.SPLIT);
  }

  private List<AccelKind> kinds(String... words) throws Exception {
    return run(words).accels().stream().map(AccelChoice::kind).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-accel", "-machine", "-cpu", "-device", "-d"})
  void helpPrintsAListInsteadOfRunning(String option) throws OptionException {
    Parsed parsed = parser.parse(List.of(option, "help"));
    assertThat(parsed).isInstanceOf(Parsed.Print.class);
    assertThat(((Parsed.Print) parsed).text()).contains("\n");
  }

  @Test
  void demoNeedsNoKernel() throws OptionException {
    assertThat(((Parsed.Run) parser.parse(List.of("-m", "64"), Preset.DEMO)).options().boot())
        .isEqualTo(new Boot.Demo());
  }
}
