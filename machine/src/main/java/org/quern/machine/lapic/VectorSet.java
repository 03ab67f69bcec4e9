package org.quern.machine.lapic;

import java.util.ArrayList;
import java.util.List;

/** 256 interrupt vectors, one bit each, readable as the eight 32-bit words of the registers. */
final class VectorSet {
  private final int[] words = new int[8];

  void set(int vector) {
    words[vector >> 5] |= 1 << vector;
  }

  void clear(int vector) {
    words[vector >> 5] &= ~(1 << vector);
  }

  void assign(int vector, boolean value) {
    if (value) {
      set(vector);
    } else {
      clear(vector);
    }
  }

  boolean contains(int vector) {
    return (words[vector >> 5] >>> vector & 1) != 0;
  }

  /** The greatest vector, or -1. */
  int highest() {
    for (int i = 7; i >= 0; i--) {
      if (words[i] != 0) {
        return i << 5 | 31 - Integer.numberOfLeadingZeros(words[i]);
      }
    }
    return -1;
  }

  int word(int index) {
    return words[index];
  }

  void clear() {
    java.util.Arrays.fill(words, 0);
  }

  List<Integer> toList() {
    List<Integer> list = new ArrayList<>(words.length);
    for (int word : words) {
      list.add(word);
    }
    return list;
  }

  void assign(List<Integer> list) {
    for (int i = 0; i < words.length; i++) {
      words[i] = list.get(i);
    }
  }
}
