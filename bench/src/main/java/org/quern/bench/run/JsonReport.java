package org.quern.bench.run;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Results as JSON, with every sample. Times are milliseconds, memory is KiB; {@code speedup} is how
 * many times as fast as the reference.
 */
public final class JsonReport {
  /** Changes when a field changes its name or meaning. */
  private static final int FORMAT = 1;

  private final JsonGenerator json;

  private JsonReport(JsonGenerator json) {
    this.json = json;
  }

  /** A whole document. */
  public static String of(
      HostInfo host,
      List<Contender> contenders,
      List<ProgramResult> programs,
      Optional<BootResult> boot) {
    StringWriter out = new StringWriter();
    try (JsonGenerator g = new JsonFactory().createGenerator(out)) {
      g.useDefaultPrettyPrinter();
      new JsonReport(g).write(host, contenders, programs, boot);
    } catch (IOException e) {
      throw new IllegalStateException("a StringWriter does not fail", e);
    }
    return out + "\n";
  }

  private void write(
      HostInfo host,
      List<Contender> contenders,
      List<ProgramResult> programs,
      Optional<BootResult> boot)
      throws IOException {
    json.writeStartObject();
    json.writeNumberField("format", FORMAT);
    host(host);
    json.writeObjectFieldStart("commands");
    for (Contender c : contenders) {
      json.writeFieldName(c.name());
      json.writeStartArray();
      for (String word : c.command()) {
        json.writeString(word);
      }
      json.writeEndArray();
    }
    json.writeEndObject();
    json.writeArrayFieldStart("programs");
    for (ProgramResult r : programs) {
      program(r);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("geometricMeans");
    for (Contender c : contenders) {
      json.writeStartObject();
      json.writeStringField("accelerator", c.name());
      for (String reference : List.of(Contender.TCG, Contender.INTERP, Contender.KVM)) {
        speedup(reference, Means.speedup(programs, c.name(), reference));
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    if (boot.isPresent()) {
      boot(boot.get());
    }
    json.writeEndObject();
  }

  private void host(HostInfo host) throws IOException {
    json.writeObjectFieldStart("host");
    json.writeStringField("date", host.date());
    json.writeStringField("commit", host.commit());
    json.writeStringField("jdk", host.jdk());
    json.writeStringField("os", host.os());
    json.writeStringField("cpu", host.cpu());
    json.writeNumberField("processors", host.processors());
    json.writeNumberField("loadAverage", host.loadAverage());
    json.writeStringField("qemu", host.qemu());
    json.writeEndObject();
  }

  private void program(ProgramResult r) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", r.program().label());
    json.writeNumberField("passes", r.program().passes());
    OptionalLong instructions = r.instructions();
    if (instructions.isPresent()) {
      json.writeNumberField("instructionsPerRepetition", instructions.getAsLong());
    }
    failures(r.failures());
    json.writeArrayFieldStart("results");
    for (String name : r.names()) {
      json.writeStartObject();
      json.writeStringField("accelerator", name);
      json.writeNumberField("warmMs", r.warmMs(name));
      json.writeNumberField("coldMs", r.coldMs(name));
      OptionalDouble mips = r.mips(name);
      if (mips.isPresent()) {
        json.writeNumberField("mips", mips.getAsDouble());
      }
      speedup(Contender.TCG, r.speedup(name, Contender.TCG));
      speedup(Contender.INTERP, r.speedup(name, Contender.INTERP));
      speedup(Contender.KVM, r.speedup(name, Contender.KVM));
      OptionalDouble nanos = r.nanosPerOperation(name);
      if (nanos.isPresent()) {
        json.writeNumberField("nanosPerOperation", nanos.getAsDouble());
      }
      exits(r.exits().getOrDefault(name, List.of()));
      json.writeArrayFieldStart("runs");
      for (ProgramSample s : r.samples().get(name)) {
        json.writeStartObject();
        json.writeNumberField("startMs", s.startMs());
        json.writeArrayFieldStart("repetitionsMs");
        for (double ms : s.repetitionsMs()) {
          json.writeNumber(ms);
        }
        json.writeEndArray();
        json.writeStringField("checksum", s.checksum());
        usage(s.usage());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void boot(BootResult r) throws IOException {
    json.writeObjectFieldStart("boot");
    failures(r.failures());
    json.writeArrayFieldStart("results");
    for (String name : r.names()) {
      json.writeStartObject();
      json.writeStringField("accelerator", name);
      json.writeNumberField("initMs", r.initMs(name));
      OptionalDouble times = r.times(name, Contender.TCG);
      if (times.isPresent()) {
        json.writeNumberField("timesTcg", times.getAsDouble());
      }
      json.writeArrayFieldStart("runs");
      for (BootSample s : r.samples().get(name)) {
        json.writeStartObject();
        json.writeNumberField("initMs", s.initMs());
        json.writeNumberField("endMs", s.endMs());
        usage(s.usage());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void exits(List<ExitLine> exits) throws IOException {
    json.writeArrayFieldStart("exits");
    for (ExitLine e : exits) {
      json.writeStartObject();
      json.writeStringField("reason", e.reason());
      json.writeNumberField("count", e.count());
      json.writeNumberField("totalMs", e.totalMs());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void failures(List<String> failures) throws IOException {
    json.writeArrayFieldStart("failures");
    for (String f : failures) {
      json.writeString(f);
    }
    json.writeEndArray();
  }

  private void usage(Usage usage) throws IOException {
    json.writeNumberField("peakRssKib", usage.peakRssKib());
    json.writeNumberField("cpuMs", usage.cpuMs());
  }

  private void speedup(String reference, OptionalDouble v) throws IOException {
    if (v.isPresent()) {
      json.writeNumberField("speedupOver" + capital(reference), v.getAsDouble());
    }
  }

  private static String capital(String name) {
    return Character.toUpperCase(name.charAt(0)) + name.substring(1);
  }
}
