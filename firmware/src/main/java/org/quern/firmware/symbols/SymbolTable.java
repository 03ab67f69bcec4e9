package org.quern.firmware.symbols;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Finds the symbol that an address belongs to. Addresses are unsigned; of several symbols at one
 * address the first in the file is kept.
 */
public final class SymbolTable {
  /** Farther than this behind a symbol without a size, an address has no name. */
  private static final long REACH = 16 << 20;

  private final long[] addresses;
  private final long[] sizes;
  private final String[] names;

  /**
   * A symbol of a file.
   *
   * @param size bytes, 0 if unknown
   */
  record Entry(long address, long size, String name) {}

  /** A symbol and how far behind it the address lies. */
  public record Symbol(String name, long address, long offset) {
    /** As kernels print it: {@code name+0x12}. */
    @Override
    public String toString() {
      return String.format("%s+0x%x", name, offset);
    }
  }

  SymbolTable(List<Entry> entries) {
    List<Entry> sorted = new ArrayList<>(entries);
    sorted.sort(Comparator.comparingLong(e -> e.address ^ Long.MIN_VALUE));
    List<Entry> kept = new ArrayList<>(sorted.size());
    for (Entry e : sorted) {
      if (kept.isEmpty() || kept.get(kept.size() - 1).address != e.address) {
        kept.add(e);
      }
    }
    addresses = kept.stream().mapToLong(Entry::address).toArray();
    sizes = kept.stream().mapToLong(Entry::size).toArray();
    names = kept.stream().map(Entry::name).toArray(String[]::new);
  }

  /** Number of distinct addresses with a name. */
  public int size() {
    return names.length;
  }

  /** The last symbol at or before the address, if it reaches that far. */
  public Optional<Symbol> lookup(long address) {
    int low = 0;
    int high = addresses.length;
    while (low < high) {
      int middle = low + high >>> 1;
      if (Long.compareUnsigned(addresses[middle], address) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low == 0) {
      return Optional.empty();
    }
    int at = low - 1;
    long offset = address - addresses[at];
    long reach = sizes[at] != 0 ? sizes[at] : REACH;
    return offset < reach && offset >= 0
        ? Optional.of(new Symbol(names[at], addresses[at], offset))
        : Optional.empty();
  }
}
