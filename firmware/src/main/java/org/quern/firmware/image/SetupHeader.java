package org.quern.firmware.image;

import static org.quern.firmware.bytes.LittleEndian.u16;
import static org.quern.firmware.bytes.LittleEndian.u32;
import static org.quern.firmware.bytes.LittleEndian.u64;
import static org.quern.firmware.bytes.LittleEndian.u8;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.quern.firmware.BootException;

/**
 * The setup header of a Linux bzImage or zImage. Fields newer than the image's protocol read as the
 * value older kernels imply. Source: Linux, Documentation/arch/x86/boot.rst ("The Real-Mode Kernel
 * Header"), protocols 2.00 to 2.15.
 */
public final class SetupHeader {
  public static final int START = 0x1f1;
  public static final int VERSION_2_03 = 0x203;
  public static final int VERSION_2_02 = 0x202;

  private static final int MAGIC_AT = 0x202;
  private static final long MAGIC = 0x53726448L;
  private static final int SECTOR = 512;
  private static final int MIN_SIZE = 0x250;

  private final byte[] setup;
  private final int version;

  private SetupHeader(byte[] setup) {
    this.setup = setup;
    this.version = u16(setup, 0x206);
  }

  static boolean isPresent(byte[] head) {
    return head.length >= 0x208 && u16(head, 0x1fe) == 0xaa55 && u32(head, MAGIC_AT) == MAGIC;
  }

  static SetupHeader read(ImageFile file) throws BootException {
    int sectors = u8(file.head(0x208), START);
    int size = ((sectors == 0 ? 4 : sectors) + 1) * SECTOR;
    if (file.size() < size) {
      throw file.error(
          String.format(
              "is truncated: it has %d bytes, its setup code alone should have %d",
              file.size(), size));
    }
    byte[] setup = file.read(0, size);
    SetupHeader header = new SetupHeader(setup);
    if (header.version < 0x200 || header.version > 0x2ff || size < MIN_SIZE) {
      throw file.error(
          String.format("has a broken Linux setup header (protocol %04x)", header.version));
    }
    return header;
  }

  /** Bytes of real-mode code in front of the protected-mode code. */
  public int setupSize() {
    return setup.length;
  }

  public int version() {
    return version;
  }

  /** The protocol as people write it, such as 2.15. */
  public String versionText() {
    return (version >> 8) + "." + String.format("%02d", version & 0xff);
  }

  /** Bytes of protected-mode code, or -1 where the header cannot say. */
  public long protectedSize() {
    return version >= 0x204 ? u32(setup, 0x1f4) * 16 : -1;
  }

  public boolean loadedHigh() {
    return (setup[0x211] & 1) != 0;
  }

  public long initrdMax() {
    return version >= VERSION_2_03 ? u32(setup, 0x22c) : 0x37ffffffL;
  }

  /** The kernel has the 64-bit entry at 0x200 (XLF_KERNEL_64). */
  public boolean has64BitEntry() {
    return version >= 0x20c && (setup[0x236] & 1) != 0;
  }

  /** Initrd and friends may lie above 4 GiB (XLF_CAN_BE_LOADED_ABOVE_4G). */
  public boolean above4G() {
    return version >= 0x20c && (setup[0x236] & 2) != 0;
  }

  /** Longest command line in bytes, without its terminator. */
  public long commandLineMax() {
    return version >= 0x206 ? u32(setup, 0x238) : 255;
  }

  /** Offset of the compressed payload in the protected-mode code, 0 where the header has none. */
  public long payloadOffset() {
    return version >= 0x208 ? u32(setup, 0x248) : 0;
  }

  public long payloadLength() {
    return version >= 0x208 ? u32(setup, 0x24c) : 0;
  }

  /** Where the kernel runs unless it is moved, 0 where the header does not say. */
  public long preferredAddress() {
    return version >= 0x20a ? u64(setup, 0x258) : 0;
  }

  /** Bytes of memory from the load address on that the kernel needs to start, 0 if unknown. */
  public long initSize() {
    return version >= 0x20a ? u32(setup, 0x260) : 0;
  }

  public boolean takesRsdp() {
    return version >= 0x20e;
  }

  public boolean takesSetupData() {
    return version >= 0x209;
  }

  /** The kernel's own version, such as {@code 6.1.0-56-cloud-amd64 (...)}, or empty. */
  public String kernelVersion() {
    int at = u16(setup, 0x20e);
    if (at == 0 || at + SECTOR >= setup.length) {
      return "";
    }
    int end = at + SECTOR;
    while (end < setup.length && end < at + SECTOR + 256 && setup[end] != 0) {
      end++;
    }
    return new String(setup, at + SECTOR, end - at - SECTOR, StandardCharsets.ISO_8859_1);
  }

  /** The bytes from {@link #START} on that go into the zero page. */
  public byte[] forZeroPage() {
    int end = MAGIC_AT + u8(setup, 0x201);
    return Arrays.copyOfRange(setup, START, Math.min(Math.max(end, 0x21c), 0x290));
  }
}
