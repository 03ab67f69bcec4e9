package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuMode;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

class StringsTest {
  private static final int SEED = 4;

  private final TestCpu t = TestCpu.long64();
  private final Cpu c = t.c;

  private static void set(Cpu c, long si, long di, long cx) {
    c.gpr[Reg.RSI] = si;
    c.gpr[Reg.RDI] = di;
    c.gpr[Reg.RCX] = cx;
  }

  /** Runs a repeated instruction as an engine does: again while RIP stays. Returns the rounds. */
  private static int finish(TestCpu t, String hex) {
    int rounds = 0;
    long start = t.c.rip;
    do {
      assertThat(t.exec(hex)).isEmpty();
      rounds++;
    } while (t.c.rip == start);
    return rounds;
  }

  /** REP MOVS as the manual tells it: one element after another over a copy of memory. */
  private static void modelMovs(byte[] m, int si, int di, int count, int bytes, int step) {
    for (int k = 0; k < count; k++) {
      byte[] element = java.util.Arrays.copyOfRange(m, si, si + bytes);
      System.arraycopy(element, 0, m, di, bytes);
      si += step;
      di += step;
    }
  }

  @ParameterizedTest(name = "rep movs of {0} bits: every overlap, both directions, across pages")
  @ValueSource(ints = {8, 16, 32, 64})
  void everyOverlap(int bits) {
    int bytes = bits >> 3;
    String hex = bits == 8 ? "f3a4" : bits == 16 ? "66f3a5" : bits == 32 ? "f3a5" : "f348a5";
    Random random = new Random(SEED);
    byte[] memory = new byte[0x4000];
    for (int k = 0; k < 600; k++) {
      random.nextBytes(memory);
      int count = random.nextInt(k % 3 == 0 ? 1200 : 40);
      int si = 0x1000 + random.nextInt(0x800);
      int distance = k % 2 == 0 ? random.nextInt(64) - 32 : random.nextInt(0x1000) - 0x800;
      boolean down = k % 5 == 0;
      if (down) {
        count = Math.min(count, 0x100);
      } else {
        count = Math.min(count, 0x1800 / bytes);
      }
      t.bytes(0x10000, memory);
      c.rip = TestCpu.CODE;
      c.eflags = down ? c.eflags | RFlags.DF : c.eflags & ~RFlags.DF;
      set(c, 0x10000 + si, 0x10000 + si + distance, count);
      finish(t, hex);
      int step = down ? -bytes : bytes;
      modelMovs(memory, si, si + distance, count, bytes, step);
      assertThat(t.bytes(0x10000, memory.length))
          .as("%d elements from %x by %d, seed %d", count, si, distance, SEED)
          .isEqualTo(memory);
      assertThat(c.gpr[Reg.RSI]).isEqualTo(0x10000 + si + (long) count * step);
      assertThat(c.gpr[Reg.RDI]).isEqualTo(0x10000 + si + distance + (long) count * step);
      assertThat(c.gpr[Reg.RCX]).isZero();
    }
  }

  @Test
  @DisplayName("rep movsb with the destination one byte on fills with the first byte")
  void patternFill() {
    t.write(0x2000, 1, 0x5a);
    set(c, 0x2000, 0x2001, 5000);
    assertThat(finish(t, "f3 a4")).isGreaterThan(1);
    for (byte b : t.bytes(0x2000, 5001)) {
      assertThat(b).isEqualTo((byte) 0x5a);
    }
    assertThat(t.read(0x2000 + 5001, 1)).isZero();
  }

  @ParameterizedTest(name = "rep stos of {0} bits at odd addresses, both directions")
  @ValueSource(ints = {8, 16, 32, 64})
  void fills(int bits) {
    int bytes = bits >> 3;
    String hex = bits == 8 ? "f3aa" : bits == 16 ? "66f3ab" : bits == 32 ? "f3ab" : "f348ab";
    Random random = new Random(SEED);
    for (int k = 0; k < 200; k++) {
      long value = k % 2 == 0 ? random.nextLong() : (k & 0xff) * 0x0101010101010101L;
      int count = random.nextInt(k % 3 == 0 ? 700 : 20);
      int at = 0x2000 + random.nextInt(0x1000);
      boolean down = k % 5 == 0;
      byte[] expected = new byte[0x8000];
      t.bytes(0, expected);
      for (int e = 0; e < count; e++) {
        for (int b = 0; b < bytes; b++) {
          expected[at + (down ? -e : e) * bytes + b] = (byte) (value >>> 8 * b);
        }
      }
      c.rip = 0x100000;
      c.eflags = down ? c.eflags | RFlags.DF : c.eflags & ~RFlags.DF;
      if (down && at - count * bytes < 0) {
        continue;
      }
      set(c, 0, at, count);
      c.gpr[Reg.RAX] = value;
      finish(t, hex);
      assertThat(t.bytes(0, expected.length)).isEqualTo(expected);
      assertThat(c.gpr[Reg.RDI]).isEqualTo(at + (long) (down ? -count : count) * bytes);
    }
  }

  @Test
  @DisplayName("rep movsb with RCX = 0 touches nothing, not even bad addresses")
  void zeroCount() {
    set(c, 1L << 60, 1L << 61, 0);
    assertThat(t.exec("f3 a4")).isEmpty();
    assertThat(c.rip).isEqualTo(TestCpu.CODE + 2);
  }

  @Test
  @DisplayName("rep movsb stops when something is pending and goes on afterwards")
  void interruptible() {
    set(c, 0x2ff0, 0x8000, 0x100);
    t.bytes(
        0x2ff0, "0123456789abcdefghijklmnop".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    // The request is seen when the first run of the copy is over, at the end of the page.
    assertThat(t.execPending("f3 a4", Cpu.REQ_INTR)).isEmpty();
    assertThat(c.rip).isEqualTo(TestCpu.CODE);
    assertThat(c.gpr[Reg.RSI]).isEqualTo(0x3000);
    assertThat(c.gpr[Reg.RDI]).isEqualTo(0x8010);
    assertThat(c.gpr[Reg.RCX]).isEqualTo(0xf0);
    assertThat(t.exec("f3 a4")).isEmpty();
    assertThat(c.rip).isEqualTo(TestCpu.CODE + 2);
    assertThat(t.bytes(0x8000, 26)).isEqualTo(t.bytes(0x2ff0, 26));
  }

  @Test
  @DisplayName("rep lodsb ends; AL holds the last element")
  void lods() {
    t.write(0x2000, 4, 0x44332211);
    set(c, 0x2000, 0, 4);
    c.gpr[Reg.RAX] = 0xffff;
    finish(t, "f3 ac");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0xff44);
    assertThat(c.gpr[Reg.RSI]).isEqualTo(0x2004);
  }

  @Test
  @DisplayName("lodsd clears the upper half of RAX")
  void lodsd() {
    c.gpr[Reg.RAX] = -1;
    t.write(0x2000, 4, 5);
    set(c, 0x2000, 0, 9);
    t.exec("ad");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(5);
    assertThat(c.gpr[Reg.RCX]).isEqualTo(9);
  }

  @Test
  @DisplayName("repne scasb finds; flags are those of the last comparison")
  void scas() {
    t.bytes(0x2000, new byte[] {1, 2, 3, 4, 5});
    set(c, 0, 0x2000, 100);
    c.gpr[Reg.RAX] = 4;
    finish(t, "f2 ae");
    assertThat(c.gpr[Reg.RDI]).isEqualTo(0x2004);
    assertThat(c.gpr[Reg.RCX]).isEqualTo(96);
    assertThat(t.flags()).isEqualTo("ZP");
  }

  @Test
  @DisplayName("repe cmpsb ends at the first difference with [RSI] - [RDI]")
  void cmps() {
    t.bytes(0x2000, new byte[] {1, 2, 3, 9});
    t.bytes(0x3000, new byte[] {1, 2, 4, 9});
    set(c, 0x2000, 0x3000, 4);
    finish(t, "f3 a6");
    assertThat(c.gpr[Reg.RCX]).isEqualTo(1);
    assertThat(c.gpr[Reg.RSI]).isEqualTo(0x2003);
    assertThat(t.flags()).isEqualTo("SAPC");
  }

  @Test
  @DisplayName("repe cmpsb longer than one round goes on where it was")
  void longCompare() {
    set(c, 0x10000, 0x20000, 10_000);
    assertThat(finish(t, "f3 a6")).isEqualTo(3);
    assertThat(c.gpr[Reg.RSI]).isEqualTo(0x10000 + 10_000);
    assertThat(c.zf()).isTrue();
  }

  @Test
  @DisplayName("repe scasb with RCX = 0 leaves the flags")
  void scasZero() {
    c.setStatusFlags(RFlags.CF);
    set(c, 0, 0, 0);
    t.exec("f3 ae");
    assertThat(t.flags()).isEqualTo("C");
  }

  @Test
  @DisplayName("movsb with an override reads fs:[rsi]; es:[rdi] has none")
  void override() {
    c.seg[Reg.FS].base = 0x1000;
    t.write(0x3000, 1, 0x77);
    set(c, 0x2000, 0x4000, 0);
    t.exec("64 a4");
    assertThat(t.read(0x4000, 1)).isEqualTo(0x77);
  }

  @Test
  @DisplayName("a32 rep movsb counts in ECX and clears the upper halves it writes")
  void narrowAddresses() {
    set(c, 0x1_0000_2000L, 0x1_0000_3000L, 0x1_0000_0002L);
    t.write(0x2000, 2, 0x1234);
    finish(t, "67 f3 a4");
    assertThat(t.read(0x3000, 2)).isEqualTo(0x1234);
    assertThat(c.gpr[Reg.RSI]).isEqualTo(0x2002);
    assertThat(c.gpr[Reg.RDI]).isEqualTo(0x3002);
    assertThat(c.gpr[Reg.RCX]).isZero();
  }

  @Test
  @DisplayName("rep stosb to MMIO writes each byte")
  void mmio() {
    set(c, 0, 0x100000, 3);
    c.gpr[Reg.RAX] = 0xab;
    finish(t, "f3 aa");
    assertThat(t.log)
        .containsExactly("write 100000/1=ab", "write 100001/1=ab", "write 100002/1=ab");
  }

  @Test
  @DisplayName("rep outsd, rep insw through ports")
  void ports() {
    t.write(0x2000, 8, 0x1111111122222222L);
    set(c, 0x2000, 0x3000, 2);
    c.gpr[Reg.RDX] = 0x1f0;
    finish(t, "f3 6f");
    assertThat(t.log).containsExactly("out 1f0/4=22222222", "out 1f0/4=11111111");
    t.log.clear();
    t.answer = 0xabcd;
    c.gpr[Reg.RCX] = 2;
    finish(t, "66 f3 6d");
    assertThat(t.log).containsExactly("in 1f0/2", "in 1f0/2");
    assertThat(t.read(0x3000, 4)).isEqualTo(0xabcdabcdL);
  }

  @Nested
  class Faults {
    private final TestCpu p = TestCpu.protected32().paged();

    @Test
    @DisplayName("rep movsb into a missing page: #PF with registers at the faulting element")
    void destination() {
      p.unmap(0x9000);
      set(p.c, 0x2000, 0x8ff0, 0x40);
      assertThat(p.exec("f3 a4")).isEqualTo("#PF(2)");
      assertThat(p.c.fault.cr2).isEqualTo(0x9000);
      assertThat(p.c.rip).isEqualTo(TestCpu.CODE);
      assertThat(p.c.gpr[Reg.RSI]).isEqualTo(0x2010);
      assertThat(p.c.gpr[Reg.RDI]).isEqualTo(0x9000);
      assertThat(p.c.gpr[Reg.RCX]).isEqualTo(0x30);
    }

    @Test
    @DisplayName("rep movsd from a missing page inside an element: #PF at that element")
    void source() {
      p.unmap(0x9000);
      set(p.c, 0x8ff2, 0x2000, 0x10);
      assertThat(p.exec("f3 a5")).isEqualTo("#PF(0)");
      assertThat(p.c.fault.cr2).isEqualTo(0x9000);
      assertThat(p.c.gpr[Reg.RSI]).isEqualTo(0x8ffe);
      assertThat(p.c.gpr[Reg.RDI]).isEqualTo(0x200c);
      assertThat(p.c.gpr[Reg.RCX]).isEqualTo(0x10 - 3);
    }

    @Test
    @DisplayName("rep stosd over the limit of ES: #GP(0) at the first element outside")
    void limit() {
      p.c.seg[Reg.ES].limit = 0x8009;
      set(p.c, 0, 0x8000, 0x10);
      p.c.gpr[Reg.RAX] = -1;
      assertThat(p.exec("f3 ab")).isEqualTo("#GP(0)");
      assertThat(p.c.gpr[Reg.RDI]).isEqualTo(0x8008);
      assertThat(p.c.gpr[Reg.RCX]).isEqualTo(0xe);
      assertThat(p.read(0x8008, 2)).isZero();
    }

    @Test
    @DisplayName("insb into a missing page: #PF and the port is not read")
    void portNotRead() {
      p.unmap(0x9000);
      set(p.c, 0, 0x9000, 1);
      assertThat(p.exec("6c")).isEqualTo("#PF(2)");
      assertThat(p.log).isEmpty();
    }

    @Test
    @DisplayName("repe cmpsb into a missing page: registers and flags of the last comparison")
    void compare() {
      p.unmap(0x9000);
      set(p.c, 0x2000, 0x8ffe, 5);
      assertThat(p.exec("f3 a6")).isEqualTo("#PF(0)");
      assertThat(p.c.gpr[Reg.RCX]).isEqualTo(3);
      assertThat(p.c.gpr[Reg.RDI]).isEqualTo(0x9000);
      assertThat(p.c.zf()).isTrue();
    }
  }

  @Test
  @DisplayName("16-bit rep movsb wraps SI and DI inside the segment")
  void wraps() {
    TestCpu r = TestCpu.real();
    r.c.seg[Reg.DS].base = 0x10000;
    r.c.seg[Reg.ES].base = 0x20000;
    CpuMode.update(r.c);
    r.write(0x1ffff, 1, 0x11);
    r.write(0x10000, 1, 0x22);
    set(r.c, 0xffff, 0x7fff, 2);
    finish(r, "f3 a4");
    assertThat(r.read(0x27fff, 2)).isEqualTo(0x2211);
    assertThat(r.c.gpr[Reg.RSI]).isEqualTo(1);
  }
}
