package org.quern.cli.suite.moo;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes small MOO files. Registers not set are 0, but for CS = 1000h, SS = 2000h, DS = 3000h, ES =
 * 4000h, SP = 100h and IP = 100h; the code is at CS:IP.
 */
final class MooBuilder {
  private static final List<String> NARROW =
      List.of(
          "ax", "bx", "cx", "dx", "cs", "ss", "ds", "es", "sp", "bp", "si", "di", "ip", "flags");
  private static final List<String> WIDE =
      List.of(
          "cr0", "cr3", "eax", "ebx", "ecx", "edx", "esi", "edi", "ebp", "esp", "cs", "ds", "es",
          "fs", "gs", "ss", "eip", "eflags", "dr6", "dr7");

  private final ByteArrayOutputStream cases = new ByteArrayOutputStream();
  private final String cpu;
  private final boolean wide;
  private int count;

  /** A file for a processor, by its name in the header. */
  MooBuilder(String cpu) {
    this.cpu = cpu;
    this.wide = cpu.equals("386E");
  }

  /** One case under construction. */
  final class Case {
    private final String name;
    private final Map<String, Integer> before = new LinkedHashMap<>();
    private final Map<String, Integer> after = new LinkedHashMap<>();
    private final List<int[]> memory = new ArrayList<>();
    private final List<int[]> changed = new ArrayList<>();
    private int exception = -1;

    private Case(String name, int... code) {
      this.name = name;
      for (int r = 0; r < (wide ? WIDE : NARROW).size(); r++) {
        before.put((wide ? WIDE : NARROW).get(r), 0);
      }
      before.put("cs", 0x1000);
      before.put("ss", 0x2000);
      before.put("ds", 0x3000);
      before.put("es", 0x4000);
      before.put(wide ? "esp" : "sp", 0x100);
      before.put(wide ? "eip" : "ip", 0x100);
      before.put(wide ? "eflags" : "flags", 2);
      for (int n = 0; n < code.length; n++) {
        memory.add(new int[] {0x10100 + n, code[n]});
      }
    }

    Case with(String register, int value) {
      before.put(register, value);
      return this;
    }

    Case memory(int address, int... bytes) {
      for (int n = 0; n < bytes.length; n++) {
        memory.add(new int[] {address + n, bytes[n]});
      }
      return this;
    }

    /** Where an exception or interrupt leads: a HLT. */
    Case vector(int v) {
      exception = v;
      memory(4 * v, 0x00, 0x05, 0x00, 0x50);
      return memory(0x50500, 0xf4).gives("cs", 0x5000).gives(wide ? "eip" : "ip", 0x501);
    }

    Case gives(String register, int value) {
      after.put(register, value);
      return this;
    }

    Case leaves(int address, int... bytes) {
      for (int n = 0; n < bytes.length; n++) {
        changed.add(new int[] {address + n, bytes[n]});
      }
      return this;
    }

    MooBuilder end() {
      byte[] head = ints(count++);
      byte[] text = name.getBytes(StandardCharsets.ISO_8859_1);
      byte[] body =
          join(
              head,
              chunk("NAME", join(ints(text.length), text)),
              chunk("INIT", join(registers(before), ram(memory))),
              chunk("FINA", join(registers(after), ram(changed))),
              // A chunk of the future, which readers must skip.
              chunk("XTRA", new byte[] {1, 2, 3}),
              exception < 0 ? new byte[0] : chunk("EXCP", join(bytes(exception), ints(0))),
              chunk("HASH", new byte[] {(byte) 0xab, (byte) count}));
      cases.writeBytes(chunk("TEST", body));
      return MooBuilder.this;
    }

    private byte[] registers(Map<String, Integer> values) {
      List<String> order = wide ? WIDE : NARROW;
      int mask = 0;
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      for (int n = 0; n < order.size(); n++) {
        Integer v = values.get(order.get(n));
        if (v != null) {
          mask |= 1 << n;
          out.writeBytes(wide ? ints(v) : bytes(v, v >> 8));
        }
      }
      byte[] head = wide ? ints(mask) : bytes(mask, mask >> 8);
      return chunk(wide ? "RG32" : "REGS", join(head, out.toByteArray()));
    }

    private byte[] ram(List<int[]> entries) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.writeBytes(ints(entries.size()));
      for (int[] e : entries) {
        out.writeBytes(join(ints(e[0]), bytes(e[1])));
      }
      return chunk("RAM ", out.toByteArray());
    }
  }

  Case on(String name, int... code) {
    return new Case(name, code);
  }

  /** The masks of the whole file: only these bits of the flags are defined. */
  MooBuilder definedFlags(int mask) {
    byte[] which = wide ? ints(1 << 17) : bytes(0, 0x20);
    byte[] value = wide ? ints(mask) : bytes(mask, mask >> 8);
    cases.writeBytes(chunk(wide ? "RM32" : "RMSK", join(which, value)));
    return this;
  }

  byte[] file() {
    String id = (cpu + "    ").substring(0, 4);
    byte[] head = join(bytes(1, 1, 0, 0), ints(count), id.getBytes(StandardCharsets.ISO_8859_1));
    return join(chunk("MOO ", head), chunk("META", new byte[31]), cases.toByteArray());
  }

  private static byte[] chunk(String id, byte[] body) {
    return join(id.getBytes(StandardCharsets.ISO_8859_1), ints(body.length), body);
  }

  private static byte[] ints(int v) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(v).array();
  }

  private static byte[] bytes(int... values) {
    byte[] b = new byte[values.length];
    for (int n = 0; n < b.length; n++) {
      b[n] = (byte) values[n];
    }
    return b;
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] p : parts) {
      out.writeBytes(p);
    }
    return out.toByteArray();
  }
}
