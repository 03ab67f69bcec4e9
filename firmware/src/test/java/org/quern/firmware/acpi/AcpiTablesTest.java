package org.quern.firmware.acpi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quern.firmware.bytes.LittleEndian.u16;
import static org.quern.firmware.bytes.LittleEndian.u32;
import static org.quern.firmware.bytes.LittleEndian.u64;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quern.firmware.BoardDescription;

class AcpiTablesTest {
  private static final int BASE = 0xe0000;

  private final BoardDescription board = BoardDescription.pc(2, 1 << 30, 0);
  private final byte[] all = AcpiTables.build(board, BASE);
  private final Map<String, byte[]> tables = tables(all);

  private static Map<String, byte[]> tables(byte[] all) {
    Map<String, byte[]> tables = new LinkedHashMap<>();
    byte[] xsdt = at(all, u64(all, 24));
    for (int i = 36; i < xsdt.length; i += 8) {
      put(tables, at(all, u64(xsdt, i)));
    }
    put(tables, at(all, u32(tables.get("FACP"), 40)));
    put(tables, at(all, u32(all, 16)));
    put(tables, xsdt);
    return tables;
  }

  private static void put(Map<String, byte[]> tables, byte[] table) {
    tables.put(new String(table, 0, 4, StandardCharsets.US_ASCII), table);
  }

  private static byte[] at(byte[] all, long address) {
    int offset = (int) (address - BASE);
    return Arrays.copyOfRange(all, offset, offset + (int) u32(all, offset + 4));
  }

  private static int sum(byte[] b, int length) {
    int sum = 0;
    for (int i = 0; i < length; i++) {
      sum += b[i];
    }
    return sum & 0xff;
  }

  @Test
  void hasARootPointerOfVersion2() {
    assertThat(Arrays.copyOf(all, 8)).asString().isEqualTo("RSD PTR ");
    assertThat(all[15]).isEqualTo((byte) 2);
    assertThat(sum(all, 20)).isZero();
    assertThat(sum(all, 36)).isZero();
  }

  @Test
  void hasTheTablesOfTheBoardWithRightChecksums() {
    assertThat(tables.keySet()).containsExactly("FACP", "APIC", "HPET", "DSDT", "RSDT", "XSDT");
    assertThat(tables.values()).allSatisfy(t -> assertThat(sum(t, t.length)).isZero());
  }

  @Test
  void listsTheSameTablesInRsdtAndXsdt() {
    byte[] rsdt = tables.get("RSDT");
    byte[] xsdt = tables.get("XSDT");
    List<Long> narrow = new ArrayList<>();
    List<Long> wide = new ArrayList<>();
    for (int i = 36; i < rsdt.length; i += 4) {
      narrow.add(u32(rsdt, i));
    }
    for (int i = 36; i < xsdt.length; i += 8) {
      wide.add(u64(xsdt, i));
    }
    assertThat(narrow).isEqualTo(wide).hasSize(3);
  }

  @Test
  void describesTheFixedHardware() {
    byte[] fadt = tables.get("FACP");
    assertThat(fadt).hasSize(244);
    assertThat(u16(fadt, 46)).as("SCI").isEqualTo(9);
    assertThat(u32(fadt, 48)).as("SMI_CMD").isEqualTo(0xb2);
    assertThat(fadt[52]).as("ACPI_ENABLE").isEqualTo((byte) 0xf1);
    assertThat(fadt[53]).as("ACPI_DISABLE").isEqualTo((byte) 0xf0);
    assertThat(u32(fadt, 56)).as("PM1a_EVT").isEqualTo(0x600);
    assertThat(u32(fadt, 64)).as("PM1a_CNT").isEqualTo(0x604);
    assertThat(u32(fadt, 76)).as("PM_TMR").isEqualTo(0x608);
    assertThat(fadt[88]).as("PM1_EVT_LEN").isEqualTo((byte) 4);
    assertThat(fadt[89]).as("PM1_CNT_LEN").isEqualTo((byte) 2);
    assertThat(fadt[91]).as("PM_TMR_LEN").isEqualTo((byte) 4);
    assertThat(u64(fadt, 120)).as("RESET_REG").isEqualTo(0xcf9);
    assertThat(fadt[128]).as("RESET_VALUE").isEqualTo((byte) 6);
    assertThat(u32(fadt, 112) & 1 << 10).as("RESET_REG_SUP").isNotZero();
    assertThat(u64(fadt, 140)).as("X_DSDT").isEqualTo(u32(fadt, 40));
    assertThat(u64(fadt, 152)).as("X_PM1a_EVT").isEqualTo(0x600);
    assertThat(u64(fadt, 176)).as("X_PM1a_CNT").isEqualTo(0x604);
    assertThat(u64(fadt, 212)).as("X_PM_TMR").isEqualTo(0x608);
  }

  @Test
  void pointsToAnAlignedFacs() {
    long facs = u32(tables.get("FACP"), 36);
    assertThat(facs % 64).isZero();
    assertThat(at(all, facs)).hasSize(64).startsWith('F', 'A', 'C', 'S');
  }

  private static List<byte[]> madtEntries(byte[] madt) {
    List<byte[]> entries = new ArrayList<>();
    for (int i = 44; i < madt.length; i += madt[i + 1]) {
      entries.add(Arrays.copyOfRange(madt, i, i + madt[i + 1]));
    }
    return entries;
  }

  @Test
  void listsTheInterruptControllers() {
    byte[] madt = tables.get("APIC");
    assertThat(u32(madt, 36)).isEqualTo(0xfee00000L);
    byte[] cpu1 = {0, 8, 1, 1, 1, 0, 0, 0};
    byte[] ioApic = {1, 12, 0, 0, 0, 0, (byte) 0xc0, (byte) 0xfe, 0, 0, 0, 0};
    byte[] timer = {2, 10, 0, 0, 2, 0, 0, 0, 0, 0};
    byte[] sci = {2, 10, 0, 9, 9, 0, 0, 0, 0x0d, 0};
    byte[] nmi = {4, 6, (byte) 0xff, 0, 0, 1};
    assertThat(madtEntries(madt)).hasSize(9).contains(cpu1, ioApic, timer, sci, nmi);
  }

  @Test
  void givesProcessorsWithLargeIdsX2ApicEntries() {
    BoardDescription large =
        new BoardDescription(
            board.product(),
            List.of(0, 254, 255, 300),
            true,
            1 << 30,
            0,
            0,
            board.apics(),
            board.power(),
            board.pci(),
            board.legacy());
    byte[] madt = tables(AcpiTables.build(large, BASE)).get("APIC");
    byte[] id300 = {9, 16, 0, 0, 44, 1, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0};
    assertThat(madtEntries(madt)).extracting(e -> (int) e[0]).startsWith(0, 0, 9, 9);
    assertThat(madtEntries(madt)).contains(id300);
  }

  @Test
  void describesTheHpet() {
    byte[] hpet = tables.get("HPET");
    assertThat(u32(hpet, 36)).isEqualTo(0x8086a201L);
    assertThat(u64(hpet, 44)).isEqualTo(0xfed00000L);
  }

  @Test
  void leavesTheHpetOutWhereThereIsNone() {
    BoardDescription.Apics a = board.apics();
    BoardDescription without =
        new BoardDescription(
            board.product(),
            board.apicIds(),
            true,
            1 << 30,
            0,
            0,
            new BoardDescription.Apics(a.localBase(), a.ioBase(), a.ioId(), 0),
            board.power(),
            board.pci(),
            board.legacy());
    assertThat(tables(AcpiTables.build(without, BASE))).doesNotContainKey("HPET");
  }

  @Test
  void refusesAnUnalignedPlace() {
    assertThatThrownBy(() -> AcpiTables.build(board, BASE + 16))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void routesPinsAsThePiixBoardsAreWired() {
    assertThat(Dsdt.link(1, 0)).isEqualTo(0);
    assertThat(Dsdt.link(1, 3)).isEqualTo(3);
    assertThat(Dsdt.link(3, 0)).isEqualTo(2);
    assertThat(Dsdt.link(0, 0)).isEqualTo(3);
  }

  /** Disassembles and recompiles every table with Intel's compiler. */
  @Test
  void passesIasl(@TempDir Path folder) throws Exception {
    Assumptions.assumeTrue(
        Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(p -> Files.isExecutable(Path.of(p, "iasl"))),
        "iasl is not installed (Debian package acpica-tools)");
    for (String name : List.of("DSDT", "FACP", "APIC", "HPET")) {
      Files.write(folder.resolve(name + ".dat"), tables.get(name));
      assertThat(run(folder, "iasl", "-d", name + ".dat"))
          .doesNotContainIgnoringCase("error")
          .doesNotContainIgnoringCase("invalid");
      assertThat(folder.resolve(name + ".dsl")).isNotEmptyFile();
    }
    assertThat(run(folder, "iasl", "-p", "again", "DSDT.dsl")).contains("0 Errors, 0 Warnings");
    assertThat(Files.readString(folder.resolve("DSDT.dsl")))
        .contains(
            "Device (PCI0)", "Name (\\_S5", "Device (LNKD)", "Device (COM1)", "Device (C001)");
  }

  private static String run(Path folder, String... command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return output;
  }
}
