package org.quern.accel.software;

import java.util.Locale;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.quern.translator.Translation;
import org.quern.x86.mmu.FlushListener;

/** The events of {@link FlightEvents}, which alone may use this: it needs the module jdk.jfr. */
final class RecordedEvents {
  private RecordedEvents() {}

  @Name("quern.RegionTranslated")
  @Label("Region Translated")
  @Description("Guest code was translated to bytecode, or was left to the interpreter")
  @Category("Quern")
  @StackTrace(false)
  static final class RegionTranslated extends Event implements FlightEvents.Attempt {
    @Label("Name")
    String name;

    @Label("Physical Page")
    String page;

    @Label("Offset in the Page")
    String offset;

    @Label("Form")
    String form;

    @Label("Outcome")
    String outcome;

    @Label("Guest Instructions")
    int instructions;

    @Label("Bytecode")
    @DataAmount
    int bytecodeBytes;

    @Override
    public void end(Translation t, String regionName, long physicalPage, int entry) {
      end();
      if (shouldCommit()) {
        name = regionName;
        page = hex(physicalPage);
        offset = hex(entry);
        form = word(t.form());
        outcome = t.outcome();
        instructions = t.instructions();
        bytecodeBytes = t.bytecodeBytes();
        commit();
      }
    }
  }

  @Name("quern.TierChange")
  @Label("Tier Change")
  @Description("A place in guest code is run in another way from now on")
  @Category("Quern")
  @StackTrace(false)
  static final class TierChange extends Event {
    @Label("Name")
    String name;

    @Label("Physical Page")
    String page;

    @Label("Offset in the Page")
    String offset;

    @Label("From")
    String from;

    @Label("To")
    String to;
  }

  @Name("quern.PageInvalidated")
  @Label("Page Invalidated")
  @Description("All decoded and translated code of a page was dropped")
  @Category("Quern")
  @StackTrace(false)
  static final class PageInvalidated extends Event {
    @Label("Physical Page")
    String page;

    @Label("Regions")
    int regions;

    @Label("Cause")
    String cause;
  }

  @Name("quern.TlbFlush")
  @Label("TLB Flush")
  @Description("A processor has flushed its TLB or one page of it")
  @Category("Quern")
  @StackTrace(false)
  static final class TlbFlush extends Event {
    @Label("Processor")
    int cpu;

    @Label("Kind")
    String kind;

    @Label("Linear Address")
    String address;
  }

  static FlightEvents.Attempt translating() {
    RegionTranslated e = new RegionTranslated();
    e.begin();
    return e;
  }

  static void tierChanged(String name, long page, int offset, String from, String to) {
    TierChange e = new TierChange();
    if (e.shouldCommit()) {
      e.name = name;
      e.page = hex(page);
      e.offset = hex(offset);
      e.from = from;
      e.to = to;
      e.commit();
    }
  }

  static void invalidated(long page, int regions, FlightEvents.Cause cause) {
    PageInvalidated e = new PageInvalidated();
    if (e.shouldCommit()) {
      e.page = hex(page);
      e.regions = regions;
      e.cause = cause.text;
      e.commit();
    }
  }

  static void flushed(int cpu, FlushListener.Kind kind, long la) {
    TlbFlush e = new TlbFlush();
    if (e.shouldCommit()) {
      e.cpu = cpu;
      e.kind = word(kind);
      e.address = kind == FlushListener.Kind.PAGE ? hex(la) : null;
      e.commit();
    }
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }
}
