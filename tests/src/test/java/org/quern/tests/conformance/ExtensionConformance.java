package org.quern.tests.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quern.x86.state.Reg.RAX;
import static org.quern.x86.state.Reg.RBX;
import static org.quern.x86.state.Reg.RCX;
import static org.quern.x86.state.Reg.RDX;
import static org.quern.x86.state.Reg.RSI;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.zip.CRC32C;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.accel.api.Accelerator;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuModel;

/**
 * Programs with the extensions that came after SSE2 and are not AVX. Each instruction's values are
 * tested in {@code frontend-x86}; here they run in loops, between other code, in several modes.
 */
abstract class ExtensionConformance {
  /** Where programs find their input; 16-byte aligned, within reach of 16-bit code. */
  private static final long IN = 0x3000;

  private static final long OUT = 0x3800;

  abstract Accelerator accelerator();

  private GuestMachine machine(Mode mode) throws Exception {
    return new GuestMachine(accelerator(), mode);
  }

  private static byte[] text(int length) {
    byte[] b = new byte[length];
    for (int n = 0; n < length; n++) {
      b[n] = (byte) ("Quern".charAt(n % 5) + n / 5);
    }
    return b;
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  @DisplayName("crc32 over a text, by bytes and by doublewords")
  void crc32(Mode mode) throws Exception {
    byte[] input = text(403);
    GuestMachine m = machine(mode);
    m.bus.write(IN, input);
    GuestResult r =
        m.code(
                """
                mov esi, 0x3000
                mov ecx, 100
                mov eax, -1
                again: crc32 eax, dword [esi]
                add esi, 4
                dec ecx
                jnz again
                mov ecx, 3
                tail: crc32 eax, byte [esi]
                inc esi
                dec ecx
                jnz tail
                not eax
                """)
            .run();
    CRC32C expected = new CRC32C();
    expected.update(input);
    assertThat(r.vector()).isEqualTo(-1);
    assertThat(r.reg(RAX)).isEqualTo(expected.getValue());
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  @DisplayName("popcnt, tzcnt, lzcnt and bsf take their flags to jumps")
  void counting(Mode mode) throws Exception {
    GuestResult r =
        machine(mode)
            .code(
                """
                mov ebx, 0x80402010
                mov esi, 0
                mov edx, 0
                next: tzcnt ecx, ebx
                jc done
                add edx, ecx
                btr ebx, ecx
                popcnt eax, ebx
                shl esi, 4
                add esi, eax
                jmp next
                done: lzcnt eax, ebx
                jnc done
                mov bx, 0x100
                lzcnt bx, bx
                """)
            .run();
    assertThat(r.vector()).isEqualTo(-1);
    assertThat(r.reg(RDX)).isEqualTo(4 + 13 + 22 + 31);
    assertThat(r.reg(RSI)).isEqualTo(0x3210);
    assertThat(r.reg(RAX)).isEqualTo(32);
    assertThat(r.reg(RBX)).isEqualTo(7);
  }

  @ParameterizedTest
  @EnumSource(
      value = Mode.class,
      names = {"PROTECTED32", "LONG64"})
  @DisplayName("blsr, blsi, andn, bextr, bzhi, pdep, pext, rorx in a loop over bits")
  void bmi(Mode mode) throws Exception {
    GuestResult r =
        machine(mode)
            .code(
                """
                mov ebx, 0xf00ff0a5
                mov esi, 0
                again: blsi eax, ebx
                jnc done
                xor esi, eax
                blsr ebx, ebx
                jnz again
                done: mov ecx, 0x0808
                bextr ebx, esi, ecx
                mov ecx, 20
                bzhi edx, esi, ecx
                pext eax, esi, edx
                pdep eax, eax, esi
                rorx eax, eax, 8
                andn ecx, edx, esi
                """)
            .run();
    assertThat(r.vector()).isEqualTo(-1);
    assertThat(r.reg(RSI)).isEqualTo(0xf00ff0a5L);
    assertThat(r.reg(RBX)).isEqualTo(0xf0);
    assertThat(r.reg(RDX)).isEqualTo(0xff0a5);
    assertThat(r.reg(RAX)).isEqualTo(0xa5000ff0L);
    assertThat(r.reg(RCX)).isEqualTo(0xf0000000L);
  }

  @Test
  @DisplayName("mulx, adcx and adox square a number of 256 bits")
  void squares() throws Exception {
    BigInteger x = new BigInteger(1, text(32));
    GuestMachine m = machine(Mode.LONG64);
    for (int n = 0; n < 4; n++) {
      m.bus.write64(IN + 8L * n, x.shiftRight(64 * n).longValue());
      m.bus.write64(OUT + 8L * n, 0);
      m.bus.write64(OUT + 32 + 8L * n, 0);
    }
    GuestResult r =
        m.code(
                """
                mov ecx, 4
                mov esi, 0x3000
                mov edi, 0x3800
                row: mov rdx, [rsi]
                xor eax, eax
                mulx r9, r8, [0x3000]
                adcx r8, [rdi]
                mov [rdi], r8
                mulx r10, r8, [0x3008]
                adox r8, r9
                adcx r8, [rdi+8]
                mov [rdi+8], r8
                mulx r9, r8, [0x3010]
                adox r8, r10
                adcx r8, [rdi+16]
                mov [rdi+16], r8
                mulx r10, r8, [0x3018]
                adox r8, r9
                adcx r8, [rdi+24]
                mov [rdi+24], r8
                adox r10, rax
                adcx r10, rax
                mov [rdi+32], r10
                add esi, 8
                add edi, 8
                dec ecx
                jnz row
                """)
            .run();
    assertThat(r.vector()).isEqualTo(-1);
    for (int n = 0; n < 8; n++) {
      assertThat(r.bus().read64(OUT + 8L * n)).isEqualTo(x.pow(2).shiftRight(64 * n).longValue());
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  @DisplayName("pcmpistri finds the end of a text that is not aligned")
  void stringLength(Mode mode) throws Exception {
    byte[] input = text(137);
    GuestMachine m = machine(mode);
    m.bus.write(IN + 3, input);
    m.bus.write(IN + 3 + input.length, new byte[16]);
    GuestResult r =
        m.code(
                """
                pxor xmm0, xmm0
                mov eax, 0x3003
                sub eax, 16
                again: add eax, 16
                pcmpistri xmm0, [eax], 8
                jnz again
                add eax, ecx
                sub eax, 0x3003
                """)
            .run();
    assertThat(r.vector()).isEqualTo(-1);
    assertThat(r.reg(RAX)).isEqualTo(input.length);
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  @DisplayName("pshufb, psrlw and punpck write a number in hexadecimal")
  void hexadecimal(Mode mode) throws Exception {
    GuestMachine m = machine(mode);
    m.bus.write(IN, "0123456789abcdef".getBytes(StandardCharsets.US_ASCII));
    m.bus.write64(IN + 16, 0x0f0f0f0f0f0f0f0fL);
    m.bus.write64(IN + 32, 0xefcdab8967452301L);
    GuestResult r =
        m.code(
                """
                movq xmm1, [0x3020]
                movddup xmm3, [0x3010]
                movdqa xmm2, xmm1
                psrlw xmm1, 4
                punpcklbw xmm1, xmm2
                pand xmm1, xmm3
                movdqa xmm0, [0x3000]
                pshufb xmm0, xmm1
                movups [0x3800], xmm0
                movq mm0, [0x3000]
                movq mm1, [0x3018]
                pshufb mm0, mm1
                movq [0x3810], mm0
                emms
                """)
            .run();
    assertThat(r.vector()).isEqualTo(-1);
    assertThat(new String(r.bus().read(OUT, 16), StandardCharsets.US_ASCII))
        .isEqualTo("0123456789abcdef");
    assertThat(r.bus().read64(OUT + 16)).isEqualTo(0x3030303030303030L);
  }

  @Test
  @DisplayName("aeskeygenassist and aesenc encrypt as AES does")
  void aes() throws Exception {
    byte[] key = text(16);
    byte[] plain = text(64);
    GuestMachine m = machine(Mode.LONG64);
    m.bus.write(IN, key);
    m.bus.write(IN + 16, plain);
    StringBuilder s = new StringBuilder("movdqa xmm1, [0x3000]\nmovdqa [0x3400], xmm1\n");
    for (int n = 1, rcon = 1; n <= 10; n++, rcon = rcon < 0x80 ? rcon << 1 : 0x1b) {
      s.append("aeskeygenassist xmm2, xmm1, ").append(rcon).append("\npshufd xmm2, xmm2, 0xff\n");
      s.append("movdqa xmm3, xmm1\npslldq xmm3, 4\npxor xmm1, xmm3\n");
      s.append("pslldq xmm3, 4\npxor xmm1, xmm3\npslldq xmm3, 4\npxor xmm1, xmm3\n");
      s.append("pxor xmm1, xmm2\nmovdqa [0x3400+").append(16 * n).append("], xmm1\n");
    }
    s.append(
        """
        mov esi, 0x3010
        mov edi, 0x3800
        mov edx, 4
        block: movdqu xmm0, [rsi]
        pxor xmm0, [0x3400]
        mov ecx, 0x3410
        round: aesenc xmm0, [rcx]
        add ecx, 16
        cmp ecx, 0x34a0
        jne round
        aesenclast xmm0, [rcx]
        movdqu [rdi], xmm0
        add esi, 16
        add edi, 16
        dec edx
        jnz block
        """);
    GuestResult r = m.code(s.toString()).run();
    Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
    cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
    assertThat(r.vector()).isEqualTo(-1);
    assertThat(r.bus().read(OUT, 64)).isEqualTo(cipher.doFinal(plain));
  }

  @Test
  @DisplayName("sha256rnds2, sha256msg1 and sha256msg2 hash as SHA-256 does")
  void sha256() throws Exception {
    byte[] message = text(48);
    ByteBuffer block = ByteBuffer.allocate(64).put(message).put((byte) 0x80);
    block.putLong(56, 8L * message.length);
    ByteBuffer tables = ByteBuffer.allocate(16 + 32 + 256).order(ByteOrder.LITTLE_ENDIAN);
    tables.putLong(0x0405060700010203L).putLong(0x0c0d0e0f08090a0bL);
    int[] order = {5, 4, 1, 0, 7, 6, 3, 2};
    int[] primes = primes(64);
    for (int n : order) {
      tables.putInt(fraction(Math.sqrt(primes[n])));
    }
    for (int p : primes) {
      tables.putInt(fraction(Math.cbrt(p)));
    }
    GuestMachine m = machine(Mode.LONG64);
    m.bus.write(IN, tables.array());
    m.bus.write(IN + 0x200, block.array());
    GuestResult r =
        m.code(
                """
                movdqa xmm8, [0x3000]
                movdqa xmm4, [0x3200]
                pshufb xmm4, xmm8
                movdqa xmm5, [0x3210]
                pshufb xmm5, xmm8
                movdqa xmm6, [0x3220]
                pshufb xmm6, xmm8
                movdqa xmm7, [0x3230]
                pshufb xmm7, xmm8
                movdqa xmm1, [0x3010]
                movdqa xmm2, [0x3020]
                xor ecx, ecx
                rounds: movdqa xmm0, [rcx+0x3030]
                paddd xmm0, xmm4
                sha256rnds2 xmm2, xmm1, xmm0
                pshufd xmm0, xmm0, 0x0e
                sha256rnds2 xmm1, xmm2, xmm0
                sha256msg1 xmm4, xmm5
                movdqa xmm3, xmm7
                palignr xmm3, xmm6, 4
                paddd xmm4, xmm3
                sha256msg2 xmm4, xmm7
                movdqa xmm3, xmm4
                movdqa xmm4, xmm5
                movdqa xmm5, xmm6
                movdqa xmm6, xmm7
                movdqa xmm7, xmm3
                add ecx, 16
                cmp ecx, 256
                jne rounds
                paddd xmm1, [0x3010]
                paddd xmm2, [0x3020]
                movdqa [0x3800], xmm1
                movdqa [0x3810], xmm2
                """)
            .run();
    assertThat(r.vector()).isEqualTo(-1);
    ByteBuffer hash = ByteBuffer.allocate(32);
    for (int n = 0; n < 8; n++) {
      hash.putInt(4 * order[n], (int) r.bus().read64(OUT + 4L * n));
    }
    assertThat(hash.array()).isEqualTo(MessageDigest.getInstance("SHA-256").digest(message));
  }

  private static int[] primes(int count) {
    int[] found = new int[count];
    int size = 0;
    for (int n = 2; size < count; n++) {
      boolean prime = true;
      for (int k = 2; k * k <= n; k++) {
        prime &= n % k != 0;
      }
      if (prime) {
        found[size++] = n;
      }
    }
    return found;
  }

  /** The first 32 bits behind the point. */
  private static int fraction(double v) {
    return (int) (long) ((v - Math.floor(v)) * 0x1p32);
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  @DisplayName("dpps, haddpd, roundsd and fisttp compute in a loop")
  void floats(Mode mode) throws Exception {
    GuestMachine m = machine(mode);
    for (int n = 0; n < 4; n++) {
      m.bus.write64(IN + 4L * n, Float.floatToRawIntBits(n + 1));
    }
    GuestResult r =
        m.code(
                """
                movaps xmm1, [0x3000]
                pxor xmm2, xmm2
                mov ecx, 10
                again: movaps xmm0, xmm1
                dpps xmm0, xmm1, 0xff
                cvtps2pd xmm0, xmm0
                haddpd xmm0, xmm0
                addsd xmm2, xmm0
                dec ecx
                jnz again
                mov eax, 7
                cvtsi2sd xmm3, eax
                divsd xmm2, xmm3
                roundsd xmm4, xmm2, 2
                cvtsd2si ebx, xmm4
                movsd [0x3800], xmm2
                fld qword [0x3800]
                fisttp dword [0x3808]
                mov edx, [0x3808]
                """)
            .run();
    assertThat(r.vector()).isEqualTo(-1);
    assertThat(r.reg(RBX)).isEqualTo(86); // 600 / 7 = 85.7
    assertThat(r.reg(RDX)).isEqualTo(85);
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  @DisplayName("rdrand and rdseed set CF and do not repeat themselves")
  void random(Mode mode) throws Exception {
    GuestResult r =
        machine(mode)
            .code(
                """
                mov ecx, 16
                mov edi, 0x3800
                again: rdrand eax
                jnc again
                mov [edi], eax
                seed: rdseed eax
                jnc seed
                mov [edi+4], eax
                add edi, 8
                dec ecx
                jnz again
                """)
            .run();
    assertThat(r.vector()).isEqualTo(-1);
    Set<Integer> seen = new HashSet<>();
    for (int n = 0; n < 32; n++) {
      seen.add((int) r.bus().read64(OUT + 4L * n));
    }
    assertThat(seen).hasSizeGreaterThan(28);
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  @DisplayName("movbe, prefetchw, endbr and hint nops in every mode")
  void small(Mode mode) throws Exception {
    GuestMachine m = machine(mode);
    m.bus.write64(IN, 0x12345678);
    GuestResult r =
        m.code(
                """
                endbr32
                endbr64
                prefetchw [0x3000]
                prefetchnta [0x3000]
                movbe eax, [0x3000]
                movbe [0x3004], eax
                movbe bx, [0x3004]
                """)
            .run();
    assertThat(r.vector()).isEqualTo(-1);
    assertThat(r.reg(RAX)).isEqualTo(0x78563412);
    assertThat(r.reg(RBX) & 0xffff).isEqualTo(0x7856);
  }

  // ---- faults

  @ParameterizedTest
  @EnumSource(
      value = Mode.class,
      names = {"PROTECTED32", "LONG64"})
  @DisplayName("pshufb xmm0, [unaligned] is #GP(0) and changes nothing")
  void unaligned(Mode mode) throws Exception {
    GuestResult r =
        machine(mode)
            .code("movdqa xmm0, [0x3000]\npshufb xmm1, xmm0\npshufb xmm0, [0x3008]\nmov eax, 1")
            .run();
    assertThat(r.vector()).isEqualTo(Vector.GP);
    assertThat(r.reg(RAX)).isZero();
  }

  @Test
  @DisplayName("andn has a VEX prefix: #UD in real mode")
  void vexInRealMode() throws Exception {
    // In 16-bit code C4 E2 78 F2 C1 is no LES either: its ModRM names a register.
    GuestResult r = machine(Mode.REAL16).bytes(0xc4, 0xe2, 0x78, 0xf2, 0xc1).run();
    assertThat(r.vector()).isEqualTo(Vector.UD);
  }

  @ParameterizedTest
  @CsvSource({
    "SSE3, 'haddps xmm0, xmm1'",
    "SSE3, 'fisttp dword [0x3000]'",
    "SSSE3, 'pshufb xmm0, xmm1'",
    "SSSE3, 'pabsb mm0, mm1'",
    "SSE4_1, 'pmulld xmm0, xmm1'",
    "SSE4_2, 'crc32 eax, ecx'",
    "SSE4_2, 'pcmpgtq xmm0, xmm1'",
    "SSE4A, 'movntsd [0x3000], xmm0'",
    "POPCNT, 'popcnt eax, ecx'",
    "MOVBE, 'movbe eax, [0x3000]'",
    "AES, 'aesenc xmm0, xmm1'",
    "PCLMULQDQ, 'pclmulqdq xmm0, xmm1, 0'",
    "SHA, 'sha1msg1 xmm0, xmm1'",
    "GFNI, 'gf2p8mulb xmm0, xmm1'",
    "BMI1, 'andn eax, ecx, edx'",
    "BMI2, 'pdep eax, ecx, edx'",
    "ADX, 'adcx eax, ecx'",
    "RDRAND, 'rdrand eax'",
    "RDSEED, 'rdseed eax'",
    "CX16, 'cmpxchg16b [0x3000]'",
  })
  @DisplayName("without its feature an instruction is #UD")
  void withoutTheFeature(CpuFeature feature, String assembly) throws Exception {
    assertThat(with(CpuModel.max(), assembly).vector()).as("with").isEqualTo(-1);
    assertThat(with(lacking(feature), assembly).vector()).as("without").isEqualTo(Vector.UD);
  }

  @ParameterizedTest
  @CsvSource({"BMI1, tzcnt, bsf, 4", "ABM, lzcnt, bsr, 31"})
  @DisplayName("tzcnt and lzcnt without their feature are bsf and bsr")
  void fallback(CpuFeature feature, String name, String older, int expected) throws Exception {
    String program = "mov ecx, 0x80000010\n%s eax, ecx\npushf\npop rbx";
    GuestResult old = with(CpuModel.max(), String.format(Locale.ROOT, program, older));
    GuestResult r = with(lacking(feature), String.format(Locale.ROOT, program, name));
    assertThat(r.vector()).isEqualTo(-1);
    assertThat(r.reg(RAX)).isEqualTo(expected);
    assertThat(r.reg(RBX)).isEqualTo(old.reg(RBX));
  }

  private static CpuModel lacking(CpuFeature feature) {
    Set<CpuFeature> features = new HashSet<>(CpuModel.max().features());
    features.remove(feature);
    return CpuModel.max().withFeatures(features);
  }

  private GuestResult with(CpuModel model, String source) throws Exception {
    return new GuestMachine(accelerator(), Mode.LONG64, 1, model).code(source).run();
  }
}
