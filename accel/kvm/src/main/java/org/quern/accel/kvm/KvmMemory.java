package org.quern.accel.kvm;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.quern.accel.api.AcceleratorException;
import org.quern.x86.bus.GuestBus;
import org.quern.x86.mem.HostMemory;

/**
 * Keeps KVM's memory slots as the bus has its memory: a slot for each piece of RAM, a read-only one
 * for each piece of ROM and of shadow memory that takes writes elsewhere. What has no host page is
 * in no slot, so that accesses come out as exits.
 *
 * <p>While a piece changes, a processor that runs may find it absent for a moment; it then accesses
 * the same memory through the bus, but cannot execute from there. Chipsets remap memory from code
 * that lies elsewhere, before other processors run.
 */
final class KvmMemory {
  private static final int PAGE = HostMemory.PAGE_SIZE;

  /** A run of guest pages with host pages behind them in the same order. */
  private record Piece(long physical, long bytes, long host, boolean writable) {}

  private final KvmVm vm;
  private final GuestBus bus;
  private final long end;
  private final boolean readOnlySlots;

  /** Number of the slot of each piece that KVM has. */
  private final Map<Piece, Integer> slots = new HashMap<>();

  private final ArrayDeque<Integer> free = new ArrayDeque<>();
  private int nextSlot;
  private boolean logging;
  private KvmStruct bitmap;
  private long bitmapBytes;

  /** Pages written by others than processors, while {@link #logging}. */
  private final List<Long> writtenOutside = new ArrayList<>();

  /**
   * @param physicalBits width of an address: memory is looked for below
   * @param readOnlySlots whether KVM has read-only slots
   */
  KvmMemory(KvmVm vm, GuestBus bus, int physicalBits, boolean readOnlySlots) {
    this.vm = vm;
    this.bus = bus;
    this.end = 1L << physicalBits;
    this.readOnlySlots = readOnlySlots;
  }

  /** Makes the slots what the bus says now. Any thread. */
  synchronized void update() throws AcceleratorException {
    List<Piece> wanted = pieces();
    List<Piece> old = new ArrayList<>(slots.keySet());
    old.removeAll(wanted);
    for (Piece p : old) {
      int slot = slots.remove(p);
      vm.setMemory(slot, p.physical, 0, p.host, false, false);
      free.add(slot);
    }
    for (Piece p : wanted) {
      if (!slots.containsKey(p)) {
        int slot = free.isEmpty() ? nextSlot++ : free.poll();
        put(slot, p);
        slots.put(p, slot);
      }
    }
  }

  private void put(int slot, Piece p) throws AcceleratorException {
    vm.setMemory(slot, p.physical, p.bytes, p.host, !p.writable, logging && p.writable);
  }

  private List<Piece> pieces() {
    List<Piece> all = new ArrayList<>();
    long start = 0;
    long bytes = 0;
    long host = 0;
    boolean writable = false;
    for (long at = 0; at < end; ) {
      long run = Math.min(bus.hostRun(at), end - at);
      long h = bus.hostPage(at);
      boolean w = h != 0 && bus.hostPageWritable(at);
      if (!w && !readOnlySlots) {
        h = 0; // reads are exits too then
      }
      boolean goesOn = h != 0 && bytes != 0 && h == host + bytes && w == writable;
      if (goesOn) {
        bytes += run;
      } else {
        if (bytes != 0) {
          all.add(new Piece(start, bytes, host, writable));
        }
        start = at;
        host = h;
        writable = w;
        bytes = h == 0 ? 0 : run;
      }
      at += run;
    }
    if (bytes != 0) {
      all.add(new Piece(start, bytes, host, writable));
    }
    return all;
  }

  // ---- the log of written pages

  synchronized void log(boolean on) throws AcceleratorException {
    logging = on;
    writtenOutside.clear();
    for (Map.Entry<Piece, Integer> e : slots.entrySet()) {
      if (e.getKey().writable) {
        put(e.getValue(), e.getKey());
        if (on) {
          // What an earlier log has left is none of this one's.
          fetch(e.getKey(), e.getValue());
        }
      }
    }
  }

  synchronized void written(long physical, long bytes) {
    if (logging && bytes > 0) {
      for (long page = physical & -PAGE; page < physical + bytes; page += PAGE) {
        writtenOutside.add(page);
      }
    }
  }

  synchronized void take(LongConsumer page) throws AcceleratorException {
    if (!logging) {
      return;
    }
    for (Map.Entry<Piece, Integer> e : slots.entrySet()) {
      Piece p = e.getKey();
      if (p.writable) {
        fetch(p, e.getValue());
        long pages = p.bytes / PAGE;
        for (long n = 0; n < pages; n += Long.SIZE) {
          long bits = HostMemory.getLong(bitmap.address + n / Byte.SIZE);
          while (bits != 0) {
            page.accept(p.physical + (n + Long.numberOfTrailingZeros(bits)) * PAGE);
            bits &= bits - 1;
          }
        }
      }
    }
    writtenOutside.forEach(page::accept);
    writtenOutside.clear();
  }

  private void fetch(Piece p, int slot) throws AcceleratorException {
    long bytes = (p.bytes / PAGE + Long.SIZE - 1) / Long.SIZE * Long.BYTES;
    if (bytes > bitmapBytes) {
      bitmap = new KvmStruct(Math.toIntExact(bytes));
      bitmapBytes = bytes;
    }
    vm.dirtyLog(slot, bitmap.address);
  }
}
