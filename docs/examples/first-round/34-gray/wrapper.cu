void rgb_to_gray_cuda(const unsigned char *rgb, unsigned char *gray, int width, int height) {
    uchar3 *d_rgb;
    unsigned char *d_gray;
    int pixels = width * height;
    cudaMalloc(&d_rgb, pixels * sizeof(uchar3));
    cudaMalloc(&d_gray, pixels);
    cudaMemcpy(d_rgb, rgb, pixels * sizeof(uchar3), cudaMemcpyHostToDevice);
    dim3 block(8, 8);
    dim3 grid((width + 7) / 8, (height + 7) / 8);
    rgb_to_gray_kernel<<<grid, block>>>(d_rgb, d_gray, width, height);
    cudaMemcpy(gray, d_gray, pixels, cudaMemcpyDeviceToHost);
    cudaFree(d_rgb);
    cudaFree(d_gray);
}
