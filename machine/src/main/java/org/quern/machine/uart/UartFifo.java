package org.quern.machine.uart;

import java.util.ArrayList;
import java.util.List;

/** One of the two 16-entry queues of the UART; an entry is a byte, with {@link #BREAK} perhaps. */
final class UartFifo {
  static final int SIZE = 16;

  /** The entry is the zero that stands for a break condition, and nobody has been told yet. */
  static final int BREAK = 1 << 8;

  private final int[] entries = new int[SIZE];
  private int head;
  private int count;

  int count() {
    return count;
  }

  boolean isEmpty() {
    return count == 0;
  }

  boolean isFull() {
    return count == SIZE;
  }

  void add(int entry) {
    if (isFull()) {
      throw new IllegalStateException("UART queue overrun");
    }
    entries[(head + count++) % SIZE] = entry;
  }

  /** The oldest entry. */
  int peek() {
    return entries[head];
  }

  /** Removes and returns the oldest entry. */
  int poll() {
    int entry = entries[head];
    head = (head + 1) % SIZE;
    count--;
    return entry;
  }

  /** Replaces the oldest entry. */
  void replaceHead(int entry) {
    entries[head] = entry;
  }

  boolean anyBreak() {
    for (int i = 0; i < count; i++) {
      if ((entries[(head + i) % SIZE] & BREAK) != 0) {
        return true;
      }
    }
    return false;
  }

  void clear() {
    head = 0;
    count = 0;
  }

  List<Integer> toList() {
    List<Integer> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(entries[(head + i) % SIZE]);
    }
    return list;
  }

  void fromList(List<Integer> list) {
    clear();
    list.forEach(this::add);
  }
}
