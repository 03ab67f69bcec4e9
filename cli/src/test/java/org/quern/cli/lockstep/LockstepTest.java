package org.quern.cli.lockstep;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.accel.api.Accelerator;
import org.quern.accel.api.AcceleratorException;
import org.quern.accel.api.CpuState;
import org.quern.accel.api.Stepping;
import org.quern.accel.api.Vcpu;
import org.quern.accel.api.Vm;
import org.quern.accel.api.VmConfig;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;
import org.quern.bench.program.BenchProgram;
import org.quern.cli.options.OptionException;
import org.quern.cli.options.Preset;
import org.quern.cli.stress.GeneratorGuest;
import org.quern.x86.asm.Assembler;
import org.quern.x86.mem.HostMemory;

/** Small guests in lock-step, alike and with a difference planted. */
class LockstepTest {
  private static final long INSTRUCTIONS = 2_000_000;
  private static final long PLANT_AT = 200_000;

  @TempDir private Path folder;
  private Path guest;
  private final ByteArrayOutputStream text = new ByteArrayOutputStream();

  @BeforeEach
  void image() throws Exception {
    guest = Files.write(folder.resolve("guest"), BenchProgram.QUICKSORT.image(1000, 1));
  }

  private LockstepOptions options(String... more) throws OptionException {
    List<String> words =
        new java.util.ArrayList<>(
            List.of("-kernel", guest.toString(), "-m", "32", "-instructions", "" + INSTRUCTIONS));
    words.addAll(List.of(more));
    return LockstepOptions.parse(words, Preset.NONE);
  }

  private int run(LockstepOptions options, Accelerator follower) throws Exception {
    PrintStream out = new PrintStream(text, true, StandardCharsets.UTF_8);
    return new Lockstep(
            options, out, new SoftwareAccelerator(new Tiering(1, 1, false, true)), follower)
        .run();
  }

  private String text() {
    return text.toString(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @EnumSource(BenchProgram.class)
  void interpAndJitAreAlike(BenchProgram program) throws Exception {
    Files.write(guest, program.image(2, 1));
    LockstepOptions options =
        options("-instructions", "1000000", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04");
    int code = run(options, new SoftwareAccelerator(Tiering.INTERPRET));
    assertThat(text()).contains("no difference");
    assertThat(code).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-threshold 1 -fast 0",
        "-threshold 3 -fast 500",
        "-threshold 20 -fast 2000 -translate background"
      })
  void aGuestThatRewritesItsCodeIsAlike(String tiering) throws Exception {
    Files.write(guest, new GeneratorGuest(40).image());
    PrintStream out = new PrintStream(text, true, StandardCharsets.UTF_8);
    int code = new Lockstep(options(tiering.split(" ")), out).run();
    assertThat(text()).contains("no difference in 2,0");
    assertThat(code).isZero();
  }

  @Test
  void randomNumbersAreAlike() throws Exception {
    String multiboot =
        """
        dd 0x1badb002, 0x10000, -0x1baeb002, 0x100000, 0x100000, 0, 0, 0x100020
        again: rdrand eax
        rdseed ebx
        xor ecx, eax
        rol ecx, 5
        add edx, ebx
        jmp again
        """;
    Files.write(guest, Assembler.assemble(multiboot, 32, 0x100000).bytes());
    int code = run(options(), new SoftwareAccelerator(Tiering.INTERPRET));
    assertThat(text()).contains("no difference in 2,0");
    assertThat(code).isZero();
  }

  @Test
  void aRegisterThatDiffersIsReportedAtTheNextStop() throws Exception {
    Accelerator planted =
        new Planted(
            cpu -> {
              CpuState s = cpu.state();
              s.gpr[15] ^= 1L << 40;
              cpu.state(s);
            },
            null);
    assertThat(run(options("-trace-from", "150000"), planted)).isEqualTo(1);
    assertThat(text()).contains("the last instructions of interp", "cmp qword ptr [r8], rdx\n");
    assertThat(text()).contains("the states differ", "* R12=", "the last stops", "code at 0");
    assertThat(differenceAt()).isBetween(PLANT_AT, PLANT_AT + 600_000);
  }

  @Test
  void memoryThatDiffersIsReportedAtTheNextComparison() throws Exception {
    // The last page of RAM: the guest does not touch it.
    long address = (32L << 20) - 4096;
    Accelerator planted =
        new Planted(cpu -> {}, host -> HostMemory.putLong(host + 0x18, 0x1234), address);
    assertThat(run(options("-ram-every", "10000"), planted)).isEqualTo(1);
    assertThat(text())
        .contains("RAM differs, first at physical address 1fff018")
        .contains("RAM 000001fff018: 0000000000000000 | 0000000000001234");
    assertThat(differenceAt()).isBetween(PLANT_AT, PLANT_AT + 600_000);
  }

  private long differenceAt() {
    return Long.parseLong(text().replaceAll("(?s).*differ after ([0-9]+) .*", "$1"));
  }

  /** The interpreter, but once after so many instructions something is changed behind its back. */
  private static final class Planted implements Accelerator {
    private final Consumer<Vcpu> onCpu;
    private final Consumer<Long> onPage;
    private final long address;
    private boolean done;

    Planted(Consumer<Vcpu> onCpu, Consumer<Long> onPage) {
      this(onCpu, onPage, 0);
    }

    Planted(Consumer<Vcpu> onCpu, Consumer<Long> onPage, long address) {
      this.onCpu = onCpu;
      this.onPage = onPage;
      this.address = address;
    }

    @Override
    public String name() {
      return "planted";
    }

    @Override
    public Vm createVm(VmConfig config) throws AcceleratorException {
      Vm vm = new SoftwareAccelerator(Tiering.INTERPRET).createVm(config);
      Vcpu real = vm.vcpu(0);
      Object cpu =
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {Vcpu.class, Stepping.class},
              (proxy, method, arguments) -> {
                if (!done && method.getName().equals("run") && real.instructions() >= PLANT_AT) {
                  done = true;
                  onCpu.accept(real);
                  if (onPage != null) {
                    onPage.accept(config.bus(0).hostPage(address));
                  }
                }
                try {
                  return method.invoke(real, arguments);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
      return (Vm)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {Vm.class},
              (proxy, method, arguments) ->
                  method.getName().equals("vcpu") ? cpu : method.invoke(vm, arguments));
    }
  }
}
