package org.quern.firmware;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quern.firmware.TestImages.BzImage;
import org.quern.firmware.TestImages.Compress;
import org.quern.firmware.symbols.SymbolFiles;

/**
 * Damaged images: whatever is in a file, loading it ends with a state to run or a {@link
 * BootException}, soon and within the machine's RAM ({@link FakeMemory} throws outside of it).
 */
class LoaderFuzzTest {
  private static final long SEED = 20261122;
  private static final int ROUNDS = 150;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path folder;

  private static List<byte[]> images() {
    List<byte[]> all = new ArrayList<>();
    byte[] small =
        TestImages.elf64(0x200000, TestImages.pattern(700, 1), 0x1000, 0x200000, new byte[0]);
    for (Compress format : Compress.values()) {
      all.add(new BzImage(format.payload(small)).put32(0x258, 0x200000).build());
    }
    byte[] note = TestImages.pvhNote(0x200010);
    all.add(TestImages.elf64(0x200000, TestImages.pattern(700, 2), 0x1000, 0x200000, note));
    all.add(TestImages.elf32(0x200000, TestImages.pattern(700, 3), 0x1000, 0x200000));
    all.add(TestImages.multiboot1Kludge(0x200000, 0x800, 0x100));
    all.add(TestImages.multiboot1Elf(0x200000, 3));
    all.add(TestImages.elf32(0x200000, TestImages.multiboot2Header(), 0x1000, 0x200000));
    return all;
  }

  /** Flips, sets to an extreme or truncates; mostly near the start, where headers are. */
  private static byte[] damage(byte[] image, Random random) {
    byte[] b = image.clone();
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      int range = random.nextInt(3) == 0 ? b.length : Math.min(b.length, 0x280);
      int at = random.nextInt(range);
      switch (random.nextInt(5)) {
        case 0 -> b[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> b[at] = (byte) random.nextInt();
        case 2 -> Arrays.fill(b, at, Math.min(b.length, at + 4), (byte) 0xff);
        case 3 -> Arrays.fill(b, at, Math.min(b.length, at + 8), (byte) random.nextInt());
        default -> {
          if (random.nextInt(4) == 0) {
            b = Arrays.copyOf(b, 1 + random.nextInt(b.length));
          }
        }
      }
    }
    return b;
  }

  @Test
  void damagedImagesAreRefusedOrBooted() {
    BootFixture boot = new BootFixture(folder);
    boot.board = BoardDescription.pc(1, 8 << 20, 0);
    boot.memory = FakeMemory.of(boot.board);
    boot.initrd = Optional.of(boot.file("initrd", new byte[100]).toString());
    Random random = new Random(SEED);
    int refused = 0;
    int booted = 0;
    List<byte[]> images = images();
    for (int i = 0; i < ROUNDS * images.size(); i++) {
      byte[] image = damage(images.get(i % images.size()), random);
      Path kernel = boot.file("kernel", image);
      int round = i;
      boolean ok =
          Assertions.assertTimeout(
              LIMIT, () -> boots(boot, kernel, round), () -> "seed " + SEED + " round " + round);
      refused += ok ? 0 : 1;
      booted += ok ? 1 : 0;
    }
    assertThat(refused).as("refused, else nothing was damaged").isGreaterThan(ROUNDS);
    assertThat(booted).as("booted, else everything was").isGreaterThan(ROUNDS);
  }

  private static boolean boots(BootFixture boot, Path kernel, int round) {
    EntryMode[] modes = EntryMode.values();
    BootRequest request =
        new BootRequest(kernel, boot.initrd, "a", modes[round % modes.length], new byte[16]);
    try {
      return Firmware.load(request, boot.memory, boot.board) != null;
    } catch (BootException e) {
      assertThat(e).hasMessageContaining(" ");
      return false;
    } catch (RuntimeException | Error e) {
      throw new AssertionError("seed " + SEED + " round " + round, e);
    }
  }

  @Test
  void damagedSymbolFilesAreRefusedOrRead() {
    BootFixture boot = new BootFixture(folder);
    Random random = new Random(SEED);
    List<byte[]> images = images();
    int refused = 0;
    for (int i = 0; i < ROUNDS; i++) {
      byte[] elf = images.get(Compress.values().length + i % 2);
      Path file = boot.file("symbols", damage(elf, random));
      try {
        SymbolFiles.read(file);
      } catch (BootException e) {
        refused++;
      }
    }
    assertThat(refused).isEqualTo(ROUNDS);
  }
}
