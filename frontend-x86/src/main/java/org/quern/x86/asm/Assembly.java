package org.quern.x86.asm;

import java.util.Map;

/**
 * Result of an assembly.
 *
 * @param origin address of the first byte
 * @param bytes the image
 * @param symbols labels (local ones as {@code global.local}) and {@code equ} constants
 */
public record Assembly(long origin, byte[] bytes, Map<String, Long> symbols) {
  /**
   * Address of a label or value of a constant.
   *
   * @throws IllegalArgumentException if the source does not define it
   */
  public long symbol(String name) {
    Long v = symbols.get(name);
    if (v == null) {
      throw new IllegalArgumentException("no symbol " + name);
    }
    return v;
  }
}
