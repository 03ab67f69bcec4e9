package org.quern.x86.asm;

import java.util.ArrayList;
import java.util.List;

/**
 * Value of an expression: a constant and, within an address, registers.
 *
 * @param constant modulo 2^64
 * @param terms registers in the order written; empty outside of addresses
 */
record Linear(long constant, List<Term> terms) {
  /**
   * A register in an address.
   *
   * @param scaled written with a factor, and so meant as the index
   */
  record Term(String register, int factor, boolean scaled) {}

  static Linear of(long v) {
    return new Linear(v, List.of());
  }

  static Linear register(String name) {
    return new Linear(0, List.of(new Term(name, 1, false)));
  }

  boolean isConstant() {
    return terms.isEmpty();
  }

  Linear plus(Linear other, int sign) {
    if (sign < 0 && !other.isConstant()) {
      throw new Tokens.Problem("a register cannot be subtracted");
    }
    List<Term> sum = new ArrayList<>(terms);
    sum.addAll(other.terms);
    return new Linear(constant + sign * other.constant, sum);
  }

  Linear times(Linear other) {
    if (!isConstant() && !other.isConstant()) {
      throw new Tokens.Problem("product of registers");
    }
    Linear with = isConstant() ? other : this;
    long factor = isConstant() ? constant : other.constant;
    List<Term> product = new ArrayList<>();
    for (Term t : with.terms) {
      product.add(new Term(t.register, (int) (t.factor * factor), true));
    }
    return new Linear(with.constant * factor, product);
  }

  /** The constant; a problem if there are registers. */
  long value() {
    if (!isConstant()) {
      throw new Tokens.Problem("a register where a number is needed");
    }
    return constant;
  }
}
