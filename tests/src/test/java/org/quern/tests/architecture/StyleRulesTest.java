package org.quern.tests.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** House rules that a machine can check. */
class StyleRulesTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static JavaClasses classes;

  @BeforeAll
  static void read() {
    classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.quern");
  }

  @Test
  void onlyTheCommandLinePrints() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.quern.cli..")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .check(classes);
  }

  @Test
  void onlyMainEndsTheProcess() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("org.quern.cli.Main")
        .should()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "halt", int.class)
        .check(classes);
  }

  @Test
  void machineHasNoMutableStatics() {
    fields()
        .that()
        .areDeclaredInClassesThat(are(resideInAPackage("org.quern.machine..")))
        .and()
        .areStatic()
        .should()
        .beFinal()
        .check(classes);
  }

  @Test
  void devicesHaveNoClockOfTheirOwn() {
    noClasses()
        .that()
        .resideInAPackage("org.quern.machine..")
        .and()
        .resideOutsideOfPackages("org.quern.machine.time..", "org.quern.machine.run..")
        .should()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .check(classes);
  }

  @Test
  void guestFaultsAreStackless() {
    classes()
        .that()
        .haveSimpleName("GuestFault")
        .should()
        .haveModifier(JavaModifier.FINAL)
        .check(classes);
  }

  @Test
  void everyPackageSaysWhatLivesInIt() throws IOException {
    List<String> silent = new ArrayList<>();
    for (Path folder : sourceFolders()) {
      try (Stream<Path> files = Files.list(folder)) {
        List<String> names = files.map(p -> p.getFileName().toString()).toList();
        if (names.stream().anyMatch(n -> n.endsWith(".java"))
            && !names.contains("package-info.java")) {
          silent.add(ROOT.relativize(folder).toString());
        }
      }
    }
    assertThat(silent).isEmpty();
  }

  @Test
  void filesHaveOneIdea() throws IOException {
    List<String> tooLong = new ArrayList<>();
    for (Path folder : sourceFolders()) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path p : files.filter(f -> f.toString().endsWith(".java")).toList()) {
          try (Stream<String> lines = Files.lines(p)) {
            long count = lines.count();
            // Tables may be longer.
            if (count > 800 && !p.getFileName().toString().matches("Rows.*|Mnemonic.java")) {
              tooLong.add(ROOT.relativize(p) + ": " + count + " lines");
            }
          }
        }
      }
    }
    assertThat(tooLong).isEmpty();
  }

  private static List<Path> sourceFolders() throws IOException {
    try (Stream<Path> all = Files.walk(ROOT)) {
      List<Path> folders =
          all.filter(Files::isDirectory)
              .filter(p -> p.toString().contains("/src/main/java/org/quern"))
              .toList();
      assertThat(folders).hasSizeGreaterThan(20);
      return folders;
    }
  }
}
