package org.quern.x86.tables;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * One decision table being run: counts its cases, keeps the first differences, and says at the end
 * how many cases there were. The expected number is given there, so that a table cannot shrink
 * unnoticed.
 */
public final class Table {
  private static final int KEPT = 20;

  private final String name;
  private final List<String> wrong = new ArrayList<>();
  private int cases;
  private int differences;
  private boolean differs;

  public Table(String name) {
    this.name = name;
  }

  /** Begins the next case. */
  public void next() {
    cases++;
    differs = false;
  }

  /** Whether something was wrong with the current case. */
  public boolean differs() {
    return differs;
  }

  /** Compares one result of the current case; {@code title} is asked only if it is wrong. */
  public void same(Supplier<String> title, Object expected, Object actual) {
    if (!Objects.equals(expected, actual)) {
      differ(title.get(), String.valueOf(expected), String.valueOf(actual));
    }
  }

  /** Compares one number of the current case. */
  public void same(Supplier<String> title, long expected, long actual) {
    if (expected != actual) {
      differ(title.get(), Long.toHexString(expected), Long.toHexString(actual));
    }
  }

  private void differ(String title, String expected, String actual) {
    differs = true;
    differences++;
    if (wrong.size() < KEPT) {
      wrong.add(title + ": expected " + expected + " but was " + actual);
    }
  }

  /** Ends the table: every case right, and as many as there must be. */
  public void done(int expectedCases) {
    System.out.println("table: " + name + ": " + cases + " cases");
    assertThat(wrong).as("%s: %d differences in %d cases", name, differences, cases).isEmpty();
    assertThat(cases).as("cases of " + name).isEqualTo(expectedCases);
  }
}
