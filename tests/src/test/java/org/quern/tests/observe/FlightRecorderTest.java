package org.quern.tests.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.quern.accel.software.Observation;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;
import org.quern.tests.conformance.GuestMachine;
import org.quern.tests.conformance.Mode;

/** The events that a recording of the JDK's Flight Recorder holds after a guest ran. */
@Timeout(120)
class FlightRecorderTest {
  private static final String LOOP = "mov ecx, 400\nagain:\nmov [rbx], rcx\ndec ecx\njnz again\n";

  @TempDir private Path folder;

  private List<RecordedEvent> record(Tiering tiering, String source) throws Exception {
    Path file = folder.resolve("recording.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("quern.*");
      recording.start();
      Observation names = new Observation(a -> String.format("loop+0x%x", a - 0x8000), null);
      GuestMachine m = new GuestMachine(new SoftwareAccelerator(tiering, names), Mode.LONG64);
      m.reg(3, GuestMachine.DATA);
      m.code(source).run();
      recording.stop();
      recording.dump(file);
    }
    return RecordingFile.readAllEvents(file);
  }

  private static List<RecordedEvent> of(List<RecordedEvent> events, String name) {
    return events.stream().filter(e -> e.getEventType().getName().equals(name)).toList();
  }

  @Test
  void aTranslationIsAnEventWithADuration() throws Exception {
    List<RecordedEvent> events =
        of(record(new Tiering(1, Long.MAX_VALUE, false, false), LOOP), "quern.RegionTranslated");
    RecordedEvent e =
        events.stream().filter(x -> x.getString("offset").equals("0x5")).findFirst().orElseThrow();
    assertThat(e.getString("name")).isEqualTo("loop_0x5");
    assertThat(e.getString("page")).isEqualTo("0x8000");
    assertThat(e.getString("form")).isEqualTo("compact");
    assertThat(e.getString("outcome")).isEqualTo("fits");
    assertThat(e.getInt("instructions")).isEqualTo(3);
    assertThat(e.getInt("bytecodeBytes")).isBetween(100, 8000);
    assertThat(e.getDuration()).isPositive();
  }

  @Test
  void eachTierThatAPlaceGoesThroughIsAnEvent() throws Exception {
    String twice = "mov edi, 3\nouter:\n" + LOOP + "dec edi\njnz outer\n";
    List<RecordedEvent> events =
        of(record(new Tiering(1, 10, false, false), twice), "quern.TierChange");
    assertThat(events)
        .extracting(e -> e.getString("from") + " to " + e.getString("to"))
        .contains("interpreter to compact", "compact to fast");
  }

  @Test
  void aDroppedPageIsAnEventThatSaysWhy() throws Exception {
    String source = LOOP + "mov byte [rel $ + 20], 0x90\ntimes 40 nop\n";
    List<RecordedEvent> events =
        of(record(new Tiering(1, 0, false, false), source), "quern.PageInvalidated");
    assertThat(events)
        .anySatisfy(
            e -> {
              assertThat(e.getString("page")).isEqualTo("0x8000");
              assertThat(e.getInt("regions")).isPositive();
              assertThat(e.getString("cause")).isEqualTo("a store hit code");
            });
  }

  @Test
  void flushesOfTheTlbAreEventsByKind() throws Exception {
    String source =
        "invlpg [0x123456]\nmov rax, cr3\nmov cr3, rax\nmov rax, cr4\nxor rax, 0x80\nmov cr4, rax\n";
    List<RecordedEvent> events = of(record(Tiering.INTERPRET, source), "quern.TlbFlush");
    assertThat(events)
        .extracting(e -> e.getString("kind") + " " + e.getString("address"))
        .contains("page 0x123456", "non-global null", "all null");
    assertThat(events).allSatisfy(e -> assertThat(e.getInt("cpu")).isZero());
  }
}
