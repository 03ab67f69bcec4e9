package org.quern.translator;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What became of an attempt to translate. The two texts are made when they are asked for, and only
 * then.
 */
public final class Translation {
  private final Region region;
  private final RegionPlan plan;
  private final Form form;
  private final int codeSize;
  private final int halvings;
  private final int bytecodeBytes;
  private final Supplier<String> listing;
  private final Supplier<String> bytecode;

  /**
   * A piece of guest code without a gap.
   *
   * @param offset as in {@link CodeSource}
   */
  public record Span(int offset, int bytes) {}

  private Translation(
      Region region,
      RegionPlan plan,
      Form form,
      int codeSize,
      int halvings,
      int bytecodeBytes,
      Supplier<String> listing,
      Supplier<String> bytecode) {
    this.region = region;
    this.plan = plan;
    this.form = form;
    this.codeSize = codeSize;
    this.halvings = halvings;
    this.bytecodeBytes = bytecodeBytes;
    this.listing = listing;
    this.bytecode = bytecode;
  }

  /**
   * A region.
   *
   * @param codeSize see {@link CodeSource#codeSize}
   * @param halvings how often the budget had to be halved
   */
  static Translation of(
      Region region,
      RegionPlan plan,
      Form form,
      int codeSize,
      int halvings,
      int size,
      Windows windows,
      byte[] c) {
    return new Translation(
        region,
        plan,
        form,
        codeSize,
        halvings,
        size,
        () -> RegionListing.of(plan, form, codeSize, windows),
        () -> BytecodeText.of(c));
  }

  /** No region: the code stays with the interpreter. */
  static Translation none(Form form) {
    return new Translation(null, null, form, 64, 0, 0, () -> "", () -> "");
  }

  /** The region, or null if the code stays with the interpreter. */
  public Region region() {
    return region;
  }

  public Form form() {
    return form;
  }

  /** Default operand and address size of the guest code. */
  public int codeSize() {
    return codeSize;
  }

  /** Guest instructions of the region. */
  public int instructions() {
    return plan == null ? 0 : plan.size;
  }

  /** Bytes of bytecode of the region's method. */
  public int bytecodeBytes() {
    return bytecodeBytes;
  }

  /** How the bytecode fared with the limit of HotSpot: in words, always the same ones. */
  public String outcome() {
    if (region == null) {
      return "interpreted";
    }
    return halvings == 0 ? "fits" : "halved " + halvings + (halvings == 1 ? " time" : " times");
  }

  /** Whether it had to be tried with fewer instructions. */
  public boolean halved() {
    return halvings > 0;
  }

  /** The guest code of the region, in ascending order. */
  public List<Span> spans() {
    if (plan == null) {
      return List.of();
    }
    return plan.blocks.values().stream()
        .map(b -> new Span(b.offset(), b.last().end() - b.offset()))
        .collect(Collectors.toList());
  }

  /** Entries, blocks, successors, ways of memory accesses: lines, each with a line end. */
  public String listing() {
    return listing.get();
  }

  /** The class as ASM's Textifier prints it. */
  public String bytecode() {
    return bytecode.get();
  }
}
