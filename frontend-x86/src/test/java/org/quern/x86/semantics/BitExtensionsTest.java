package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.asm.Assembler;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/**
 * What {@link SiliconTest} does not reach of the general-purpose extensions: memory operands, equal
 * registers, random numbers.
 */
class BitExtensionsTest {
  private static final int DATA = 0x40000;

  private final FakeMachine m = FakeMachine.long64();
  private final Cpu c = m.cpu;

  private static String assemble(String assembly) {
    return HexFormat.of().formatHex(Assembler.assemble(assembly, 64, FakeMachine.CODE).bytes());
  }

  private String run(String assembly) {
    c.gpr[Reg.RAX] = DATA;
    return m.outcome(assemble(assembly));
  }

  // ---- MOVBE

  @ParameterizedTest
  @CsvSource({
    "'movbe dx, [rax]', fedcba987654ff00",
    "'movbe edx, [rax]', ff001122",
    "'movbe rdx, [rax]', ff00112233445566",
  })
  void movbeLoads(String assembly, String expected) {
    m.bus.write(DATA, 8, 0x66554433221100ffL);
    c.gpr[Reg.RDX] = 0xfedcba9876543210L;
    assertThat(run(assembly)).isEqualTo("-");
    assertThat(Long.toHexString(c.gpr[Reg.RDX])).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "'movbe [rax], dx', 1111111111111032",
    "'movbe [rax], edx', 1111111110325476",
    "'movbe [rax], rdx', 1032547698badcfe",
  })
  void movbeStores(String assembly, String expected) {
    m.bus.write(DATA, 8, 0x1111111111111111L);
    c.gpr[Reg.RDX] = 0xfedcba9876543210L;
    assertThat(run(assembly)).isEqualTo("-");
    assertThat(Long.toHexString(m.bus.read(DATA, 8))).isEqualTo(expected);
  }

  // ---- memory operands

  @ParameterizedTest
  @CsvSource({
    "'popcnt edx, dword [rax]', 4",
    "'popcnt rdx, qword [rax]', 5",
    "'lzcnt edx, dword [rax]', b",
    "'tzcnt rdx, qword [rax]', a",
    "'andn rdx, rcx, [rax]', 8000000000101400",
    "'bextr edx, [rax], ecx', 80",
    "'shlx rdx, [rax], rcx', 203800000",
    "'rorx edx, [rax], 16', 1c000010",
    "'pdep edx, ecx, [rax]', 101400",
  })
  void fromMemory(String assembly, String expected) {
    m.bus.write(DATA, 8, 0x8000000000101c00L);
    c.gpr[Reg.RDX] = -1;
    c.gpr[Reg.RCX] = 0x80d;
    assertThat(run(assembly)).isEqualTo("-");
    assertThat(Long.toHexString(c.gpr[Reg.RDX])).isEqualTo(expected);
  }

  // ---- registers that are the same

  @Test
  @DisplayName("mulx rbx, rbx, rcx keeps the high half")
  void mulxIntoOne() {
    c.gpr[Reg.RDX] = 1L << 40;
    c.gpr[Reg.RCX] = 1L << 30;
    run("mulx rbx, rbx, rcx");
    assertThat(c.gpr[Reg.RBX]).isEqualTo(1L << 6);
  }

  @Test
  @DisplayName("adcx and adox carry apart")
  void twoCarries() {
    c.gpr[Reg.RBX] = -1;
    c.gpr[Reg.RCX] = 1;
    c.setStatusFlags(0);
    run("adcx rbx, rcx");
    assertThat(c.statusFlags()).isEqualTo(RFlags.CF);
    c.gpr[Reg.RBX] = -1;
    run("adox rbx, rcx");
    assertThat(c.gpr[Reg.RBX]).isZero();
    assertThat(c.statusFlags()).isEqualTo(RFlags.CF | RFlags.OF);
    run("adcx rbx, rbx");
    assertThat(c.gpr[Reg.RBX]).isEqualTo(1);
    assertThat(c.statusFlags()).isEqualTo(RFlags.OF);
  }

  // ---- random numbers

  @ParameterizedTest
  @CsvSource({
    "rdrand dx, fedcba9876547788",
    "rdrand edx, 55667788",
    "rdrand rdx, 1122334455667788",
    "rdseed rdx, 1122334455667788",
  })
  void random(String assembly, String expected) {
    c.entropy = () -> 0x1122334455667788L;
    c.gpr[Reg.RDX] = 0xfedcba9876543210L;
    c.setStatusFlags(0x8d4);
    assertThat(run(assembly)).isEqualTo("-");
    assertThat(Long.toHexString(c.gpr[Reg.RDX])).isEqualTo(expected);
    assertThat(c.statusFlags()).isEqualTo(RFlags.CF);
  }

  @Test
  @DisplayName("rdrand rdx gives other numbers from the host each time")
  void hostNumbers() {
    long seen = 0;
    for (int n = 0; n < 200; n++) {
      long before = c.gpr[Reg.RDX];
      run("rdrand rdx");
      assertThat(c.gpr[Reg.RDX]).isNotEqualTo(before);
      seen |= c.gpr[Reg.RDX];
    }
    assertThat(seen).isEqualTo(-1);
  }
}
