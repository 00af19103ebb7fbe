struct sample {
    short a;
    unsigned char b[2];
};
