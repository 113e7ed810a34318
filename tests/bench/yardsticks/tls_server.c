// bench-tls CERTIFICATE KEY: the least that a TLS 1.3 server does: one thread, accept, shake hands, read until the client goes
// away. Prints the port it took.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int count, char** words) {
    if (count != 3) return 64;
    SSL_CTX* context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_num_tickets(context, 0);
    if (SSL_CTX_use_certificate_chain_file(context, words[1]) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, words[2], SSL_FILETYPE_PEM) != 1)
        return 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr*)&address, length) != 0 || listen(listener, 1024) != 0) return 1;
    getsockname(listener, (struct sockaddr*)&address, &length);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int peer = accept(listener, NULL, NULL);
        SSL* tls = SSL_new(context);
        SSL_set_fd(tls, peer);
        char byte;
        if (SSL_accept(tls) == 1) SSL_read(tls, &byte, 1);
        SSL_free(tls);
        close(peer);
    }
}
