package org.quern.cli.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveInputStream;
import org.junit.jupiter.api.Test;

/** The archive is read back by an independent reader. */
class CpioWriterTest {
  private static List<CpioArchiveEntry> entries(byte[] archive) throws IOException {
    List<CpioArchiveEntry> list = new ArrayList<>();
    try (CpioArchiveInputStream in =
        new CpioArchiveInputStream(new ByteArrayInputStream(archive))) {
      for (CpioArchiveEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
        list.add(e);
      }
    }
    return list;
  }

  @Test
  void emptyArchiveHasOnlyATrailer() throws IOException {
    byte[] archive = new CpioWriter().finish();
    assertThat(archive).hasSize(124);
    assertThat(entries(archive)).isEmpty();
  }

  @Test
  void filesKeepContentAndMode() throws IOException {
    for (int size = 0; size < 9; size++) {
      CpioWriter cpio = new CpioWriter();
      byte[] content = "content!".substring(0, size).getBytes(StandardCharsets.UTF_8);
      cpio.file("init", 0755, content);
      cpio.file("after", 0600, new byte[] {1});
      byte[] archive = cpio.finish();
      try (CpioArchiveInputStream in =
          new CpioArchiveInputStream(new ByteArrayInputStream(archive))) {
        CpioArchiveEntry e = in.getNextEntry();
        assertThat(e.getName()).isEqualTo("init");
        assertThat(e.getMode()).isEqualTo(0100755);
        assertThat(in.readAllBytes()).isEqualTo(content);
        assertThat(in.getNextEntry().getName()).isEqualTo("after");
      }
    }
  }

  @Test
  void directoriesLinksAndDevicesHaveTheirTypes() throws IOException {
    CpioWriter cpio = new CpioWriter();
    cpio.directory("dev", 0755);
    cpio.characterDevice("dev/console", 0600, 5, 1);
    cpio.symlink("bin", "usr/bin");
    List<CpioArchiveEntry> list = entries(cpio.finish());
    assertThat(list).hasSize(3);
    assertThat(list.get(0).isDirectory()).isTrue();
    assertThat(list.get(1).isCharacterDevice()).isTrue();
    assertThat(list.get(1).getRemoteDeviceMaj()).isEqualTo(5);
    assertThat(list.get(1).getRemoteDeviceMin()).isEqualTo(1);
    assertThat(list.get(2).isSymbolicLink()).isTrue();
    assertThat(list.get(2).getSize()).isEqualTo(7);
  }

  @Test
  void equalContentGivesEqualBytes() throws IOException {
    assertThat(Initramfs.build(new byte[] {1, 2, 3}))
        .isEqualTo(Initramfs.build(new byte[] {1, 2, 3}));
  }
}
