#!/bin/sh
# kafka-clients 3.9.1 and 4.1.1 on Java 17: a client's PEM key that OpenSSL 3 locked with its own choice of
# cipher (`openssl pkcs8 -topk8`) cannot be unlocked. OpenSSL uses PBES2; Java 17 has no key factory of
# that name. Java 25 reads the same file, and so does librdkafka on any machine.
#
# Expected: the key, its right password and its certificate open.
# Seen on Java 17: InvalidConfigurationException, 'PBES2 SecretKeyFactory not available'.
# Needs mvn, openssl and a JDK 17 as java.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
java -version 2>&1 | grep -q '"17\.' || { echo "this needs Java 17"; exit 1; }
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=client -keyout plain.key -out client.pem 2>/dev/null
openssl pkcs8 -topk8 -in plain.key -passout pass:secret -out locked.key
cat >Read.java <<'JAVA'
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;

class Read {
    public static void main(String[] file) throws Exception {
        var options = Map.<String, Object>of(
            "ssl.protocol", "TLSv1.3",
            "ssl.keystore.type", "PEM",
            "ssl.keystore.certificate.chain", new Password(Files.readString(Path.of("client.pem"))),
            "ssl.keystore.key", new Password(Files.readString(Path.of(file[0]))),
            "ssl.key.password", new Password("secret"));
        try {
            new DefaultSslEngineFactory().configure(options);
            System.out.println("opened");
        } catch (Exception error) {
            System.out.println(error.getCause().getMessage());
        }
    }
}
JAVA
for version in 3.9.1 4.1.1; do
    for artifact in "org.apache.kafka:kafka-clients:$version" org.slf4j:slf4j-api:2.0.17; do
        mvn -q dependency:copy "-Dartifact=$artifact" "-DoutputDirectory=jars-$version"
    done
    seen=$(java -cp "jars-$version/*" Read.java locked.key 2>/dev/null)
    echo "kafka-clients $version: $seen"
    [ "$seen" = "PBES2 SecretKeyFactory not available" ]
done
