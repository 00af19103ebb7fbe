struct sample {
    signed char a;
    unsigned char b;
    unsigned short c;
    int d;
    unsigned int e[2];
};
